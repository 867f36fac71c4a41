// What may root do that has no capabilities?
// See capabilities(7), capset(2). Needs root.
// Prints the calls that take them away, then what the same commands can do with all of them, and with one.
import { chownSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { lastCap, limitTo, read, resolve } from '@ctr/caps'
import { launch } from '@ctr/launch'
import { explain, sys } from '@ctr/syscall'

const directory = mkdtempSync(`${tmpdir()}/ctr-example-`) // mode 0700
chownSync(directory, 65534, 65534)

const script = `id -u
ls ${directory} >/dev/null 2>&1 && echo 'looks into the directory of somebody else' || echo 'is kept out of the directory of somebody else'
chown 1 ${directory} 2>/dev/null && echo 'gives it to user 1' || echo 'cannot give it to user 1'
mknod ${directory}/disk b 8 0 2>/dev/null && echo 'makes a device to read the disk with' || echo 'can make no device'
grep CapEff /proc/self/status`
const shell = sys.execve('/bin/sh', ['sh', '-c', script], ['PATH=/usr/bin:/bin'], 'user 0 in both cases')

try {
  for (const capabilities of [read().bounding, resolve({ drop: ['ALL'], add: ['chown'] })]) {
    const program = limitTo({ capabilities, lastCap: lastCap(), uid: 0, gid: 0, groups: [] })
    const few = capabilities.length === 1
    console.log(`\n# ${few ? capabilities[0] : 'all that we have'}`)
    if (few) console.log(explain(program).join('\n'))
    await (await launch([...program, shell])).exited
  }
} finally {
  rmSync(directory, { recursive: true })
}
