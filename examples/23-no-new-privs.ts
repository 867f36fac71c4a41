// Can a user become root with a set-user-id program, and can that be ruled out?
// See prctl(2) PR_SET_NO_NEW_PRIVS, execve(2), Documentation/userspace-api/no_new_privs.rst. Needs root.
// Prints the calls, then as whom a set-user-id copy of id(1) runs for nobody: as it is, and with no_new_privs.
import { chmodSync, copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { launch } from '@ctr/launch'
import { explain, sys } from '@ctr/syscall'

const directory = mkdtempSync(`${tmpdir()}/ctr-example-`)
chmodSync(directory, 0o755)
copyFileSync('/usr/bin/id', `${directory}/id`)
chmodSync(`${directory}/id`, 0o4755)

const becomeNobody = [
  sys.setgroups([], 'groups of root must not remain'),
  sys.setresgid(65534, 65534, 65534, 'the group must change while that is still allowed'),
  sys.setresuid(65534, 65534, 65534, 'there is no way back from here, but for one'),
]
const noNewPrivs = sys.prctl('PR_SET_NO_NEW_PRIVS', 'and this closes it: for the process and all that it starts')
const id = sys.execve(`${directory}/id`, ['id', '-u'], [], 'the file belongs to root and has the set-user-id bit')

try {
  for (const program of [[...becomeNobody, id], [...becomeNobody, noNewPrivs, id]]) {
    console.log(explain(program).join('\n'))
    await (await launch(program)).exited
    console.log()
  }
} finally {
  rmSync(directory, { recursive: true })
}
