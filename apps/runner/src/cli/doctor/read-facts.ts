import { accessSync, constants, existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { release } from 'node:os'
import { dirname, join } from 'node:path'
import { cgroups, type Layout } from '@ctr/cgroup'
import { parseSubIds } from '@ctr/ns'
import { parseMountinfo } from '@ctr/procfs'
import { findProgram } from '../../find-program.ts'
import { readCaller } from '../../oci/caller.ts'
import { mountedResctrl } from '../../oci/lifecycle/resctrl.ts'
import { ociGroup } from '../../oci/oci-group.ts'
import { appArmor, seLinux } from '../../oci/read-facts.ts'
import { defaultRoot } from '../../oci/state/oci-store.ts'
import { storeDirectory } from '../../store.ts'
import { parsePasswd } from '../../user.ts'
import { programNames, sysctlNames, type CgroupFacts, type DoctorFacts } from './facts.ts'

/** Reads what `diagnose` has to know of this machine. What is not there, or not ours to read, is not there. */
export function readDoctorFacts(): DoctorFacts {
  const caller = readCaller()
  const { uid } = caller
  const user = parsePasswd(text('/etc/passwd') ?? '').find((entry) => entry.uid === uid)?.name
  const mountinfo = text('/proc/self/mountinfo') ?? ''
  const kernel = release()
  return {
    node: process.versions.node, arch: process.arch, kernel, uid, user, privileged: caller.privileged, inUserNamespace: caller.inUserNamespace,
    namespaces: names('/proc/self/ns').filter((name) => !name.endsWith('_for_children')).sort(),
    sysctls: Object.fromEntries(sysctlNames.flatMap((name) => {
      const value = text(`/proc/sys/${name}`)?.trim()
      return value === undefined ? [] : [[name, value]]
    })),
    cgroups: cgroupFacts(caller.privileged && !caller.inUserNamespace),
    subordinate: { uids: ranges('/etc/subuid', uid, user), gids: ranges('/etc/subgid', uid, user) },
    programs: programNames.filter((name) => findProgram(name, process.env['PATH'] ?? '') !== undefined),
    systemd: existsSync('/run/systemd/system'),
    filesystems: (text('/proc/filesystems') ?? '').split('\n').map((line) => line.split('\t').at(-1)!).filter(Boolean),
    loadable: ['overlay'].filter((name) => new RegExp(`/${name}\\.ko`).test(text(`/lib/modules/${kernel}/modules.dep`) ?? '')),
    appArmor: appArmor(), seLinux: seLinux(), resctrl: mountedResctrl(mountinfo),
    overProc: parseMountinfo(mountinfo).map(({ mountPoint }) => mountPoint).filter((path) => path.startsWith('/proc/')),
    stores: { ctrun: store(storeDirectory()), 'ctrun-oci': store(defaultRoot()) },
  }
}

function cgroupFacts(root: boolean): CgroupFacts {
  let layout: Layout
  try {
    layout = cgroups()
  } catch {
    return { mode: 'none', v1: [], v2: [] }
  }
  const of = (version: 1 | 2) => [...new Set(layout.hierarchies.filter((each) => each.version === version).flatMap(({ controllers }) => controllers).filter((name) => !name.includes('=')))].sort()
  const lent = root ? undefined : lentGroup(layout)
  return { mode: layout.hierarchies.length === 0 ? 'none' : layout.mode, v1: of(1), v2: of(2), ...(lent ? { lent } : {}) }
}

/** Below which a container of this user would be. */
function lentGroup(layout: Layout): CgroupFacts['lent'] {
  const { places: [place], path } = ociGroup(layout, { ociVersion: '1.0.0' }, 'doctor', { rootless: true })
  if (!place) return undefined
  return { path: dirname(path), controllers: (text(join(dirname(place.directory), 'cgroup.controllers')) ?? '').trim().split(' ').filter(Boolean) }
}

function ranges(file: string, uid: number, user: string | undefined): number {
  try {
    return parseSubIds(text(file) ?? '', file).filter(({ owner }) => owner === user || owner === String(uid)).reduce((sum, { count }) => sum + count, 0)
  } catch {
    // newuidmap will say what is wrong with it.
    return 0
  }
}

/** It is made where it is missing: then what counts is the directory above. */
function store(path: string): { readonly path: string; readonly writable: boolean } {
  const there = statSync(path, { throwIfNoEntry: false }) ? path : dirname(path)
  return { path, writable: may(there, constants.W_OK) }
}

function may(path: string, mode: number): boolean {
  try {
    accessSync(path, mode)
    return true
  } catch {
    return false
  }
}

function text(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

function names(path: string): string[] {
  try {
    return readdirSync(path)
  } catch {
    return []
  }
}
