// How do many containers share one image, and all write to it?
// See Documentation/filesystems/overlayfs.rst. Needs root.
// Prints the calls, then what is in each layer after a program has added, changed and removed a file, and what the program sees.
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { launch } from '@ctr/launch'
import { unshare } from '@ctr/ns'
import { overlayRoot, privatePropagation } from '@ctr/rootfs'
import { explain, sys } from '@ctr/syscall'

const file = (path: string, text: string) => [
  sys.openat('AT_FDCWD', path, ['O_WRONLY', 'O_CREAT', 'O_CLOEXEC'], 0o644, { as: 'file', why: 'an image has files' }),
  sys.write({ fd: 'file' }, text, 'in this one stands the name of its layer'),
  sys.close({ fd: 'file' }, 'it is written'),
]
const program = [
  ...unshare(['mnt']),
  ...privatePropagation(),
  sys.mount('tmpfs', '/mnt', 'tmpfs', [], null, 'the machine keeps its /mnt'),
  sys.chdir('/mnt', 'layers may be named by relative paths'),
  ...['base', 'app', 'changes', 'work', 'root'].map((name) => sys.mkdirat('AT_FDCWD', name, 0o755, 'each layer is a directory')),
  ...file('base/kept', 'base'), ...file('base/changed', 'base'), ...file('base/removed', 'base'), ...file('app/changed', 'app'),
  ...overlayRoot({ lowers: ['app', 'base'], upper: 'changes', work: 'work', at: 'root', as: 'root' }),
  sys.execve('/bin/sh', ['sh', '-c', 'cd root; echo new >added; echo -n , and more >>changed; rm removed; exec sleep 60'], ['PATH=/usr/bin:/bin'], 'a program that changes the image'),
]
console.log(explain(program).join('\n'))

await using box = await launch(program)
const mnt = `/proc/${box.pid}/root/mnt` // its /mnt, seen from here
console.log()
while (readFileSync(`/proc/${box.pid}/comm`, 'utf8') !== 'sleep\n') await new Promise((resolve) => setTimeout(resolve, 10))
for (const layer of ['base', 'app', 'changes', 'root']) {
  const files = readdirSync(`${mnt}/${layer}`).sort().map((name) => {
    const whiteout = statSync(`${mnt}/${layer}/${name}`).isCharacterDevice()
    return `${name}: ${whiteout ? 'a whiteout' : JSON.stringify(readFileSync(`${mnt}/${layer}/${name}`, 'utf8').trim())}`
  })
  console.log(`${layer.padEnd(8)} ${files.join(', ')}`)
}
