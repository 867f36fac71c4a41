import { expect, test } from 'vitest'
import { images } from '../test/images.ts'
import { all, node } from '../test/node-script.ts'

/** A caller as no caller should be: descriptors everywhere, signals ignored and blocked, those of real time too. */
const odd = `
import os, signal, sys
for fd in [*range(3, 67), 200, 1000]:
    source = os.open('/etc/passwd', os.O_RDONLY)
    os.dup2(source, fd) if source != fd else None
    os.set_inheritable(fd, True)
for number in [1, 2, 3, 10, 12, 13, 15, 17, 25, 34, 40, 64]:
    signal.signal(number, signal.SIG_IGN)
signal.pthread_sigmask(signal.SIG_BLOCK, [1, 2, 10, 15, 17, 34, 50, 64])
os.execvp(sys.argv[1], sys.argv[1:])
`

// T-FD2, T-SIG1 and the part of T-INH that is not up to the program.
test.each(images)('as a %s, a process has 0, 1 and 2, and no signal ignored or blocked, whatever its caller was', async (image) => {
  const { lines, ended } = await node(`
    import { readFileSync } from 'node:fs'
    import { run } from '../test/shell.ts'
    import { sys } from '@ctr/syscall'
    import { perform } from '@ctr/syscall/perform'
    perform([sys.rt_sigprocmask('SIG_BLOCK', '~[]', 'a thread of Node that takes no signals')])
    const caller = readFileSync('/proc/self/status', 'utf8')
    console.log(/SigIgn:.*[1-9a-f]/.test(caller), /SigBlk:.*[1-9a-f]/.test(readFileSync('/proc/thread-self/status', 'utf8')))
    for (const options of [{}, { namespaces: ['CLONE_NEWPID', 'CLONE_NEWNS'] }, { detached: true }]) {
      // The directory that ls itself reads is the fourth.
      const { out } = await run('exec /bin/ls -l /proc/self/fd', { image: '${image}', ...options })
      console.log(out.trimEnd().split('\\n').slice(1).map((line) => line.split(' ').filter(Boolean)[8]).join())
      const status = await run('exec cat /proc/self/status', { image: '${image}', ...options })
      console.log(/SigBlk[^]*SigCgt.*/.exec(status.out)[0].replace(/\\s+/g, ' '))
    }
  `, { wrap: ['python3', '-c', odd] })
  const none = ['0,1,2,3', 'SigBlk: 0000000000000000 SigIgn: 0000000000000000 SigCgt: 0000000000000000']
  expect(await all(lines)).toEqual(['true true', ...none, ...none, ...none])
  expect(await ended).toBe(0)
})
