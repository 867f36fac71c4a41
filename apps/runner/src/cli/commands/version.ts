import { readFileSync } from 'node:fs'
import { release } from 'node:os'
import type { Command } from '../command.ts'
import { print } from '../output.ts'

export const command: Command = {
  usage: '[--json]',
  purpose: 'Prints the versions that a report of a problem should name.',
  examples: ['version', 'version --json', '--version'],
  flags: [{ name: 'json', help: 'as JSON' }],
  operands: [0, 0, ''],
  main(args) {
    const facts = { version: ownVersion(), node: process.versions.node, arch: process.arch, kernel: release(), cgroup: cgroupMode(readFileSync('/proc/self/mountinfo', 'utf8')) }
    if (args.has('json')) print(JSON.stringify({ v: 1, ...facts }) + '\n')
    else print(`ctrun ${facts.version} · Node ${facts.node} ${facts.arch} · Linux ${facts.kernel} · cgroup ${facts.cgroup}\n`)
    return 0
  },
}

/** From our own package.json, some directories above wherever the build has put this file. */
function ownVersion(): string {
  for (let directory = new URL('.', import.meta.url), last = ''; directory.href !== last; last = directory.href, directory = new URL('..', directory)) {
    try {
      const { name, version } = JSON.parse(readFileSync(new URL('package.json', directory), 'utf8')) as { readonly name?: string; readonly version?: string }
      if (name === '@ctr/runner' && version !== undefined) return version
    } catch {
      // Not here.
    }
  }
  return 'unknown'
}

/** By the mount table alone: nothing of the library is needed for this. */
export function cgroupMode(mountinfo: string): string {
  const types = new Set(mountinfo.split('\n').map((line) => line.split(' - ')[1]?.split(' ')[0]))
  if (types.has('cgroup') && types.has('cgroup2')) return 'hybrid'
  return types.has('cgroup2') ? 'v2' : types.has('cgroup') ? 'v1' : 'none'
}
