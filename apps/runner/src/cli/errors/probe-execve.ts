import { readdirSync } from 'node:fs'
import type { ContainerConfig } from '../../config.ts'
import { nearest } from '../suggest.ts'
import { executable, machines, ownMachine } from './executable.ts'
import { lookInRoot, rootBehind, type Found } from './in-root.ts'
import type { Finding } from './probes.ts'

const defaultPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
const argumentLimit = 131072 // MAX_ARG_STRLEN: 32 pages (linux/binfmts.h)

/** Why a command could not be executed: five causes share ENOENT alone. Everything is looked up inside the image. */
export function probeExecve(code: string, config: ContainerConfig): Finding {
  if (code === 'E2BIG') return tooBig(config)
  const candidates = candidatesOf(config)
  const looked = candidates.flatMap((path) => {
    const place = rootBehind(config, path)
    return place === undefined ? [] : [{ path, found: lookInRoot(place.root, place.path) }]
  })
  const there = looked.find(({ found }) => 'stat' in found)
  if (there && 'stat' in there.found) return inFile(code, there.path, there.found, config)
  if (!['ENOENT', 'ENOTDIR'].includes(code) || looked.length < candidates.length) return {}
  const first = looked[0]
  if (candidates.length === 1 && first && 'missing' in first.found) {
    const { missing } = first.found
    return { cause: { text: missing === first.path ? `there is no ${first.path} in the container` : `${first.path}: ${missing} is the first part that is not in the container`, checked: true, probe: 'openat2' } }
  }
  const command = config.args[0]!
  const meant = config.rootfs === 'host' ? nearest(command, programs(candidates)) : undefined
  return { cause: { text: `no directory of PATH in the container has ${JSON.stringify(command)}`, checked: true, probe: 'openat2' }, ...(meant === undefined ? {} : { fix: [`did you mean ${meant}?`] }) }
}

function candidatesOf({ args: [command = ''], env, cwd = '/' }: ContainerConfig): string[] {
  if (command.startsWith('/')) return [command]
  if (command.includes('/')) return [`${cwd.replace(/\/+$/, '')}/${command}`]
  return [...new Set((env?.['PATH'] ?? defaultPath).split(':').map((directory) => `${directory.replace(/\/+$/, '')}/${command}`))]
}

function programs(candidates: readonly string[]): string[] {
  return candidates.flatMap((path) => {
    try {
      return readdirSync(path.slice(0, path.lastIndexOf('/')))
    } catch {
      return []
    }
  })
}

function inFile(code: string, path: string, { stat, head }: Extract<Found, { stat: unknown }>, config: ContainerConfig): Finding {
  const seen = (text: string, fix: readonly string[] = [], probe = 'openat2'): Finding => ({ cause: { text, checked: true, probe }, fix })
  if (stat.isDirectory()) return seen(`${path} is a directory`, [], 'fstat')
  const file = executable(head)
  if (code === 'EACCES') {
    if ((stat.mode & 0o111) === 0) return seen(`${path} is not executable: its mode is ${(stat.mode & 0o7777).toString(8).padStart(4, '0')}`, [`chmod +x ${path}, where the image is made`], 'fstat')
    const wrong = file.kind === 'script' ? interpreterMode(file.interpreter, config) : undefined
    if (wrong !== undefined) return seen(wrong)
    return { cause: { text: `the user may not execute ${path}, or it is on a file system mounted noexec`, checked: false } }
  }
  if (code === 'ENOEXEC') {
    if (file.kind === 'elf' && file.machine !== ownMachine) return seen(`${path} is for ${machines[file.machine] ?? `machine ${file.machine}`}, and this machine is ${machines[ownMachine]}`, ['use an image for this machine'], 'elf header')
    if (head.length === 0) return seen(`${path} is empty`, [], 'read')
    if (file.kind === 'other') return seen(`${path} is neither ELF nor a script with a #! line`, [`put #!/bin/sh into its first line, or run sh ${path}`], 'read')
    return {}
  }
  if (code !== 'ENOENT') return {}
  if (file.kind === 'script' && file.carriageReturn) return seen(`the #! line of ${path} ends in a carriage return, so its interpreter is "${file.interpreter}\\r"`, [`dos2unix ${path}`], '#! line')
  const needed = file.kind === 'script' ? file.interpreter : file.kind === 'elf' ? file.loader : undefined
  if (needed === undefined || !isMissing(needed, config)) return {}
  return file.kind === 'script'
    ? seen(`${path} needs its interpreter ${needed}, which is not in the container`, [`add ${needed} to the image`], '#! line')
    : seen(`${path} needs its loader ${needed}, which is not in the container`, ['add the C library it was built for, or build it static'], 'PT_INTERP')
}

function isMissing(path: string, config: ContainerConfig): boolean {
  const place = rootBehind(config, path)
  return place !== undefined && 'missing' in lookInRoot(place.root, place.path)
}

function interpreterMode(path: string, config: ContainerConfig): string | undefined {
  const place = rootBehind(config, path)
  const found = place === undefined ? undefined : lookInRoot(place.root, place.path)
  return found && 'stat' in found && (found.stat.mode & 0o111) === 0 ? `its interpreter ${path} is not executable` : undefined
}

function tooBig({ args, env = {} }: ContainerConfig): Finding {
  const words = [...args.map((text, i) => [`argument ${i}`, text] as const), ...Object.entries(env).map(([name, value]) => [`the variable ${name}`, `${name}=${value}`] as const)]
  const big = words.find(([, text]) => Buffer.byteLength(text) + 1 > argumentLimit)
  if (big) return { cause: { text: `${big[0]} has ${Buffer.byteLength(big[1])} bytes, and one may have ${argumentLimit - 1}`, checked: true, probe: 'length' }, fix: ['pass it in a file, or through stdin with -i'] }
  const sum = words.reduce((total, [, text]) => total + Buffer.byteLength(text) + 9, 0)
  return { cause: { text: `arguments and environment have ${sum} bytes, and together may have a quarter of the stack limit`, checked: false } }
}
