import { readFileSync, rmdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { parseMountinfo } from '@ctr/procfs'
import { SyscallError, type Program } from '@ctr/syscall'
import { perform } from '@ctr/syscall/perform'
import { OciError } from '../oci-error.ts'
import { writeSchemata, type ResctrlFacts, type ResctrlGroup } from '../program/intel-rdt.ts'
import type { OciIntelRdt } from '../config/intel-rdt-shape.ts'

/** Where resctrl is mounted, from the table of mounts. */
export const mountedResctrl = (mountinfo: string): string | undefined => parseMountinfo(mountinfo).find(({ fsType }) => fsType === 'resctrl')?.mountPoint

/** @param root where it is mounted; default what the table of mounts says */
export function readResctrl({ closID }: OciIntelRdt, id: string, root = mountedResctrl(readFileSync('/proc/self/mountinfo', 'utf8'))): ResctrlFacts | undefined {
  if (root === undefined) return undefined
  return { root, schemata: schemataOf(closID === '/' ? root : join(root, closID ?? id)) }
}

function schemataOf(directory: string): string | undefined {
  try {
    return readFileSync(join(directory, 'schemata'), 'utf8')
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'ENAMETOOLONG'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined
    throw error
  }
}

/** The calls are made. What resctrl did not like about one it says in a file (resctrl.rst, last_cmd_status). @throws OciError */
export function performResctrl(root: string, program: Program): void {
  try {
    perform(program)
  } catch (error) {
    if (!(error instanceof SyscallError)) throw error
    throw new OciError(`linux.intelRdt: ${error.message.split('\n')[0]}${lastStatus(root)}`, { code: error.code, cause: error })
  }
}

/** The group of a container has other limits. @throws OciError */
export const updateResctrl = ({ directory }: ResctrlGroup, lines: readonly string[]): void => performResctrl(dirname(directory), writeSchemata(directory, lines))

function lastStatus(root: string): string {
  try {
    const text = readFileSync(join(root, 'info/last_cmd_status'), 'utf8').trim()
    return text === 'ok' || text === '' ? '' : `: ${text}`
  } catch {
    return ''
  }
}

/** What belongs to the container alone is gone; its processes have ended. Gone already is fine. */
export function removeResctrl({ directory, own, monitoring }: ResctrlGroup): void {
  for (const each of [monitoring ?? [], own ? directory : []].flat()) {
    try {
      rmdirSync(each)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    }
  }
}
