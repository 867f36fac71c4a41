// How can somebody who is not root be root?
// See user_namespaces(7), capabilities(7). Needs user namespaces that anybody may make.
// Prints the calls, then who a process is inside and outside, what it may do, and where that ends.
import { chownSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { lastCap, read } from '@ctr/caps'
import { launch } from '@ctr/launch'
import { hostname, unshare } from '@ctr/ns'
import { procfs } from '@ctr/procfs'
import { explain, sys } from '@ctr/syscall'

const [uid, gid] = process.getuid!() === 0 ? [65534, 65534] : [process.getuid!(), process.getgid!()]
const place = mkdtempSync(`${tmpdir()}/ctr-example-`)
chownSync(place, uid, gid)
const put = (file: string, text: string, why: string) => [
  sys.openat('AT_FDCWD', `/proc/self/${file}`, ['O_WRONLY', 'O_CLOEXEC'], 0, { as: file, why: 'it is said once, and in one write' }),
  sys.write({ fd: file }, text, why),
]
const program = [
  sys.setgroups([], { why: 'root would have nothing to learn here, so it becomes nobody', allow: ['EPERM'] }),
  sys.setresgid(gid, gid, gid, 'the group must change while that is still allowed'),
  sys.setresuid(uid, uid, uid, 'from here on there is no privilege'),
  sys.prctl('PR_SET_DUMPABLE', 'SUID_DUMP_USER', 'its files in /proc would belong to root'),
  ...unshare(['user', 'uts']),
  ...put('setgroups', 'deny', 'who could drop a group could get at what is forbidden to that group'),
  ...put('uid_map', `0 ${uid} 1`, 'user 0 inside is who made the namespace outside, and there is no other'),
  ...put('gid_map', `0 ${gid} 1`, 'the same for groups'),
  ...hostname('box'), // it may: its user namespace owns its UTS namespace
  sys.execve('/bin/sh', ['sh', '-c', `cd ${place}; id -u; mkdir mine; chown 1 mine; cat /etc/shadow; exec sleep 60`], ['PATH=/usr/bin:/bin'], 'a shell that is root'),
]
console.log(`${explain(program, { open: { control: 3 } }).join('\n')}\n`)

await using box = await launch(program, { stdio: ['ignore', 'inherit', 1] })
while (procfs().pid(box.pid).comm() !== 'sleep') await new Promise((resolve) => setTimeout(resolve, 10))
console.log('\nOutside it is who it was:', procfs().pid(box.pid).status().uid.real === uid, '- and so is the owner of what it made:', statSync(`${place}/mine`).uid === uid)
console.log('Inside it has every capability that there is, for what belongs to its namespace:', read(box.pid).effective.length === lastCap() + 1)
rmSync(place, { recursive: true })
