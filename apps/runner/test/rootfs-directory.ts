import { execFileSync } from 'node:child_process'
import { chmodSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

const tools = ['sh', 'cat', 'ls', 'id', 'stat', 'readlink', 'touch', 'mount', 'pwd', 'env', 'find', 'sleep', 'grep', 'head', 'tail', 'mkdir', 'rm', 'chmod', 'sort', 'true']
const busybox = ['/bin/busybox', '/usr/bin/busybox'].find((path) => existsSync(path) && !linked(path))

export interface RootfsDirectory {
  readonly path: string
  /** A path in it. */
  at(name: string): string
  remove(): void
}

/** A small root file system in a directory, of what this machine has: a static busybox, or its own tools with their libraries. */
export function rootfsDirectory(): RootfsDirectory {
  // Not in /tmp: programs that run as root should not depend on what everybody may write to.
  const path = mkdtempSync('/var/lib/ctr-rootfs-')
  const at = (name: string) => join(path, name)
  chmodSync(path, 0o755)
  for (const name of ['bin', 'dev', 'etc', 'proc', 'root', 'sys', 'tmp', 'var']) mkdirSync(at(name))
  chmodSync(at('tmp'), 0o1777)
  writeFileSync(at('etc/passwd'), 'root:x:0:0:root:/root:/bin/sh\nuser:x:1000:1000::/:/bin/sh\n')
  writeFileSync(at('etc/group'), 'root:x:0:\nuser:x:1000:\n')
  if (busybox === undefined) {
    for (const tool of tools) copyWithLibraries(execFileSync('sh', ['-c', `command -v ${tool}`], { encoding: 'utf8' }).trim(), tool, at)
  } else {
    copyFileSync(busybox, at('bin/busybox'))
    for (const tool of tools) symlinkSync('busybox', at(`bin/${tool}`))
  }
  return { path, at, remove: () => rmSync(path, { recursive: true }) }
}

function copyWithLibraries(source: string, name: string, at: (name: string) => string): void {
  copyFileSync(source.startsWith('/') ? source : `/usr/bin/${name}`, at(`bin/${name}`))
  for (const library of linked(at(`bin/${name}`))?.match(/\/\S+/g) ?? []) {
    if (existsSync(at(library)) || !existsSync(library)) continue
    mkdirSync(dirname(at(library)), { recursive: true })
    copyFileSync(library, at(library))
  }
}

/** What ldd(1) says; undefined of a static executable. */
function linked(path: string): string | undefined {
  try {
    return execFileSync('ldd', [path], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
  } catch {
    return undefined
  }
}
