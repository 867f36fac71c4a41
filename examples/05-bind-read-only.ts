// Can one and the same file be writable here and read-only there?
// See mount_setattr(2), mount(8) Bind mount operation. Needs root.
// Prints the calls, then where a file can be written to: a directory, the same as a read-only bind mount, and what is mounted below.
import { statSync, writeFileSync } from 'node:fs'
import { launch } from '@ctr/launch'
import { unshare } from '@ctr/ns'
import { bind, privatePropagation } from '@ctr/rootfs'
import { explain, sys } from '@ctr/syscall'

const program = [
  ...unshare(['mnt']),
  ...privatePropagation(),
  sys.mount('tmpfs', '/mnt', 'tmpfs', [], null, 'the machine keeps its /mnt'),
  ...['data', 'data/below', 'view'].map((name) => sys.mkdirat('AT_FDCWD', `/mnt/${name}`, 0o755, 'a mount needs a directory')),
  sys.mount('tmpfs', '/mnt/data/below', 'tmpfs', [], null, 'a bind mount leaves out what is mounted below, unless it is recursive'),
  sys.openat('AT_FDCWD', '/mnt', ['O_PATH', 'O_DIRECTORY', 'O_CLOEXEC'], 0, { as: 'root', why: 'the target is looked up below it, and nowhere else' }),
  ...bind({ source: '/mnt/data', root: { fd: 'root' }, path: '/view', kind: 'directory', recursive: true, readOnly: true }),
  sys.execve('/bin/sleep', ['sleep', '60'], [], 'a namespace lasts as long as somebody is in it'),
]
console.log(`${explain(program).join('\n')}\n`)

await using box = await launch(program)
const mnt = `/proc/${box.pid}/root/mnt` // its /mnt, seen from here
for (const place of ['data', 'view', 'data/below', 'view/below']) {
  try {
    writeFileSync(`${mnt}/${place}/file`, 'something')
    console.log(`${place}/file can be written to`)
  } catch (error) {
    console.log(`${place}/file cannot be: ${(error as NodeJS.ErrnoException).code}, although we are root`)
  }
}
console.log('data/file and view/file are one file:', statSync(`${mnt}/data/file`).ino === statSync(`${mnt}/view/file`).ino)
console.log('So it is not the file that is read-only, but the mount that leads to it.')
