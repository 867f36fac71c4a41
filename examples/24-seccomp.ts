// Can one system call be forbidden, even to root?
// See seccomp(2), Documentation/userspace-api/seccomp_filter.rst. Needs root.
// Prints the filter and the calls, then what becomes of a forbidden call, once with an error and once with a signal, and of the rest.
import { launch } from '@ctr/launch'
import { procfs } from '@ctr/procfs'
import { compile, decide, install, print, type Profile } from '@ctr/seccomp'
import { explain, sys, type Machine } from '@ctr/syscall'

const machine = process.arch as Machine
const script = 'touch $0 && echo touched; ln -s to $0.link; echo "ln: status $?"; rm -f $0 $0.link; exec sleep 60'
const file = `${process.env['TMPDIR'] ?? '/tmp'}/ctr-example-${process.pid}`
const shell = sys.execve('/bin/sh', ['sh', '-c', script, file], ['PATH=/usr/bin:/bin'], 'a program of root that makes a file and a link')

for (const action of ['SCMP_ACT_ERRNO', 'SCMP_ACT_KILL_PROCESS'] as const) {
  const profile: Profile = { defaultAction: 'SCMP_ACT_ALLOW', syscalls: [{ names: ['symlink', 'symlinkat'], action }] }
  const filter = compile(profile, { machine })
  const program = [...install(filter), shell]
  if (action === 'SCMP_ACT_ERRNO') console.log(`${print(filter.instructions).join('\n')}\n${explain(program).join('\n')}`)
  console.log(`\n# ${action}: ${decide(profile, { call: 'symlinkat' }, { machine }).why}`)

  await using box = await launch(program, { stdio: ['ignore', 'inherit', 1] })
  const seen = procfs().pid(box.pid)
  while (seen.comm() !== 'sleep') await new Promise((resolve) => setTimeout(resolve, 10))
  const { seccomp, capEff } = seen.status()
  console.log(`/proc says of the shell: seccomp ${seccomp}, and CAP_SYS_ADMIN is ${((capEff! >> 21n) & 1n) === 1n ? 'still there' : 'gone'}. ln inherited both.`)
}
