// Why do containers use pivot_root, when there is chroot?
// See chroot(2), pivot_root(2). Needs root.
// Prints the way out of a chroot, what check() thinks of it, and whose root directory whoever takes it finds: twice.
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { checkpoint, launch } from '@ctr/launch'
import { unshare } from '@ctr/ns'
import { directoryRoot, pivotRoot, privatePropagation } from '@ctr/rootfs'
import { check, explain, sys, type Program } from '@ctr/syscall'

const prison = mkdtempSync(`${tmpdir()}/ctr-prison-`)
for (const name of ['bed', 'bucket']) mkdirSync(`${prison}/${name}`)

const chroot = [sys.chroot(prison, 'paths start here from now on'), sys.chdir('/', 'the working directory would be outside')]
const pivot = [...unshare(['mnt']), ...privatePropagation(), ...directoryRoot({ source: prison, as: 'root' }), ...pivotRoot({ root: { fd: 'root' } })]
const escape = [
  sys.chroot('bed', 'the root moves down, and the working directory stays: it is outside now'),
  ...Array.from({ length: 16 }, () => sys.chdir('..', 'only the root directory stops .., and it was passed (this call 16 times)')),
  sys.chroot('.', 'what is at the top is /'),
]
const print = (program: Program) => console.log(explain(program, { open: { control: 3 } }).filter((line, i, all) => line !== all[i - 1]).join('\n'))

for (const { message } of check(escape)) console.log(`check() would have warned: ${message}`)
try {
  for (const [name, way] of Object.entries({ chroot, pivot_root: pivot })) {
    console.log(`\n# ${name}`)
    const program = [...way, ...escape, ...checkpoint('look')]
    print(program)
    const look = ({ pid }: { pid: number }) => {
      const out = statSync(`/proc/${pid}/root/`).ino === statSync('/').ino
      console.log(out ? 'It is out: its / is the / of the machine.' : `It is still in: its / is ${JSON.stringify(readdirSync(`/proc/${pid}/root`))}, for .. ends at the root of the mount tree.`)
    }
    await (await launch(program, { checkpoints: { look } })).exited
  }
} finally {
  rmSync(prison, { recursive: true })
}
