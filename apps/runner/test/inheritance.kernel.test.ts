import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { procfs } from '@ctr/procfs'
import { expect, test } from 'vitest'
import { caller } from './caller.ts'
import { inside, leavesNothing, untilInit } from './inside.ts'
import { containers, limit, mayRaiseLimits } from './passed-on.ts'

const online = Number(/(\d+)\n$/.exec(readFileSync('/sys/devices/system/cpu/online', 'utf8'))![1]) + 1

/** Everything at once that nobody would have: each would be seen inside if it were passed on. */
const odd = `
  for fd in {3..66} 200 1000; do eval "exec $fd< /etc/passwd"; done
  umask 000
  ulimit -S -n 700; ulimit -S -c 0; ulimit -S -s 4096; ulimit -S -f 5000000; ulimit -S -u 5000; ulimit -S -v unlimited
  echo 300 > /proc/self/oom_score_adj
  echo 123456 > /proc/self/timerslack_ns
  cd /usr/lib
  set -- nice -n 5 taskset -c 0 env --ignore-signal=HUP,INT,PIPE,CHLD,XFSZ,RTMIN,RTMIN+5,RTMAX --block-signal=HUP,TERM,USR1,CHLD,RTMIN,RTMIN+5,RTMAX "$@"`

test('a container is as after a boot, whoever started it', async () => {
  // That the caller itself is as odd as it is meant to be shows that the test would see it.
  const own = await caller(`
    import { execFileSync } from 'node:child_process'
    import { readFileSync, readlinkSync } from 'node:fs'
    const status = readFileSync('/proc/self/status', 'utf8')
    console.log(readlinkSync('/proc/self/fd/66'), readlinkSync('/proc/self/fd/1000'), process.umask(), readFileSync('/proc/self/oom_score_adj', 'utf8').trim(), readFileSync('/proc/self/timerslack_ns', 'utf8').trim(),
      /SigIgn:.*[1-9a-f]/.test(status), /Cpus_allowed_list:.*0$/m.test(status), readFileSync('/proc/self/stat', 'utf8').split(' ')[18])
  `, { shell: odd })
  expect(own).toBe('/etc/passwd /etc/passwd 0 300 123456 true true 5\n')

  const env = { ...process.env, SECRET: 'of the caller', PATH: `/of/the/caller:${process.env['PATH']}`, LD_LIBRARY_PATH: '/of/the/caller' }
  const views = JSON.parse(await caller(containers('{}'), { shell: odd, env })) as string[]
  expect(views).toHaveLength(3)
  for (const [index, view] of views.entries()) {
    const line = (name: string) => new RegExp(`^${name}:?\\s+(.*)$`, 'm').exec(view)?.[1]
    // The fourth is the directory that ls reads.
    expect(line('descriptors')).toBe('0 1 2 3 ')
    expect([line('SigBlk'), line('SigIgn')]).toEqual(['0000000000000000', '0000000000000000'])
    expect(line('Cpus_allowed_list')).toBe(online === 1 ? '0' : `0-${online - 1}`)
    expect([line('NoNewPrivs'), line('Seccomp')]).toEqual(['0', '2'])
    expect([line('umask'), line('nice'), line('slack'), line('cwd')]).toEqual(['0022', '0', '50000', '/'])
    expect(line('oom')).toBe('0')
    // It leads a session of its own, without a terminal: pid, process group by PID inside, session, tty.
    const [pid, group, session, tty] = line('ids')!.split(' ')
    expect([group, session, tty]).toEqual([pid, pid, '0'])
    expect(pid).toBe(['1', '2', pid][index])
    expect(view).not.toMatch(/SECRET|of the caller|of\/the\/caller/)
    expect(line('environ')).toMatch(/^PATH=\/usr\/local\/sbin:\/usr\/local\/bin:\/usr\/sbin:\/usr\/bin:\/sbin:\/bin HOSTNAME=\S+ HOME=\/root( PWD=\/)? ?$/)

    expect(limit(view, 'Max open files')).toEqual(['1024', mayRaiseLimits ? '524288' : expect.stringMatching(/^\d+$/)])
    expect(limit(view, 'Max stack size')).toEqual(['8388608', 'unlimited'])
    expect(limit(view, 'Max core file size')).toEqual(['0', 'unlimited'])
    expect(limit(view, 'Max file size')).toEqual(['unlimited', 'unlimited'])
    expect(limit(view, 'Max processes')[0]).toBe(limit(view, 'Max processes')[1])
    expect(limit(view, 'Max nice priority')).toEqual(['0', '0'])
    expect(limit(view, 'Max realtime priority')).toEqual(['0', '0'])
  }
})

test('a negative nice value and a lower oom score are not passed on either', async () => {
  const shell = 'echo -500 > /proc/self/oom_score_adj 2> /dev/null || :\nset -- nice -n -5 "$@"'
  const lowered = (await caller("import { readFileSync } from 'node:fs'\nconsole.log(readFileSync('/proc/self/oom_score_adj', 'utf8').trim())", { shell })).trim()
  const views = JSON.parse(await caller(containers('{}'), { shell })) as string[]
  // Without CAP_SYS_RESOURCE it could not be lowered in the first place.
  expect(lowered).toBe(mayRaiseLimits ? '-500' : '0')
  for (const view of views) expect(view).toMatch(/^nice 0\noom 0$/m)
})

test('a real-time scheduling policy is not passed on', async () => {
  const policies = await caller(`
    import { run } from './run.ts'
    const { stdout } = await run({ rootfs: 'host', args: ['cut', '-d ', '-f41', '/proc/self/stat'] })
    const { readFileSync } = await import('node:fs')
    console.log(readFileSync('/proc/self/stat', 'utf8').split(' ')[40], stdout.trim())`, { shell: 'set -- chrt -f 10 "$@"' })
  expect(policies.trim()).toBe('1 0')
})

test('what is asked for is what there is', async () => {
  const { stdout } = await inside('cat /proc/self/limits; env', { ulimits: { nofile: [100, 200], nproc: [50, 60], cpu: [10, 'unlimited'] }, env: { A: '1', PATH: '/bin' } })
  expect(limit(stdout, 'Max open files')).toEqual(['100', '200'])
  expect(limit(stdout, 'Max processes')).toEqual(['50', '60'])
  expect(limit(stdout, 'Max cpu time')).toEqual(['10', 'unlimited'])
  expect(stdout).toMatch(/^A=1$/m)
  expect(stdout).toMatch(/^PATH=\/bin$/m)
})

test('no process of a container has our environment or our program in sight, init not either', async () => {
  const secret = `secret-${process.pid}`
  const found = await caller(`
    import { run } from './run.ts'
    const script = 'for p in /proc/[0-9]*; do cat $p/environ $p/cmdline $p/comm; grep -ac ${secret.slice(0, 6)}.${process.pid} $p/exe; done 2> /dev/null'
    for (const init of [false, true]) console.log((await run({ rootfs: 'host', args: ['sh', '-c', script], init, cwd: '/usr' })).stdout)
  `, { env: { ...process.env, SECRET: secret } })
  expect(found).not.toContain(secret)
  expect(found).not.toMatch(/^[1-9]\d*$/m)
  // What runs as PID 1 is init's own code; what set the container up is in no file of a process any more.
  const { stdout } = await inside(`${untilInit} grep -ac /run/ctrun /proc/1/exe; grep -ac pivot /proc/1/exe; ls /proc/1/fd | tr "\\n" " "; readlink /proc/1/fd/3`, { init: true })
  // The fourth is how init knows the command, its own child.
  expect(stdout).toBe('0\n0\n0 1 2 3 anon_inode:[pidfd]\n')
})

test('the process outside that waits for our end holds nothing of ours, and is out of the container\'s sight', async () => {
  const seen = await caller(`
    import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
    import { start } from './start.ts'
    await using container = await start({ rootfs: 'host', args: ['sleep', '100'] })
    const children = readFileSync('/proc/self/task/' + process.pid + '/children', 'utf8').trim().split(' ').map(Number)
    const other = children.find((pid) => pid !== container.pid)
    console.log(children.length, readdirSync('/proc/' + other + '/fd').flatMap((fd) => readlinkSync('/proc/' + other + '/fd/' + fd).replace(/\\d+/, 'N')).join(' '))
    console.log(JSON.stringify(readFileSync('/proc/' + other + '/environ', 'utf8')), /Dumpable|Name:\\s*(\\S+)/.exec(readFileSync('/proc/' + other + '/status', 'utf8'))[1])
  `, { shell: odd, env: { ...process.env, SECRET: 'x' } })
  const [first, second] = seen.split('\n')
  expect(first).toMatch(/^2 /)
  expect(first).not.toContain('passwd')
  expect(second).toBe('"" ctr-setup')
})

test('odd signals of the caller do not keep it from seeing the end of a container', async () => {
  const seen = await caller(`
    import { run } from './run.ts'
    import { start } from './start.ts'
    for (const code of [0, 3, 255]) console.log((await run({ rootfs: 'host', args: ['sh', '-c', 'exit ' + code] })).exitCode)
    const container = await start({ rootfs: 'host', args: ['sh', '-c', 'sleep 100'], init: true })
    console.log(JSON.stringify(await container.stop()))
  `, { shell: odd })
  expect(seen).toBe('0\n3\n255\n{"exitCode":143,"signal":null}\n')
})

test('input and output priority and personality are those of a fresh process', async () => {
  const odd = `
    set -- setarch --addr-no-randomize --uname-2.6 ionice -c 3 "$@"`
  const look = `echo $(cat /proc/self/personality); ionice -p $$; uname -r | grep -c "^2.6"`
  const view = async (args: string) => caller(`
    import { run } from './run.ts'
    import { execFileSync } from 'node:child_process'
    console.log(${args})
  `, { shell: odd })
  const command = `['sh', '-c', ${JSON.stringify(look)}]`
  expect((await view(`String(execFileSync('sh', ${command}.slice(1)).toString())`)).trim()).toBe('00060000\nidle\n1')
  // Which of the two "none" is called depends on the kernel.
  expect((await view(`(await run({ rootfs: 'host', args: ${command} })).stdout`)).trim()).toMatch(/^00000000\n(none: prio 0|best-effort: prio 4)\n0$/)
})

test('the keys of the caller are out of reach: the session keyring is another', async () => {
  // keyctl(KEYCTL_GET_KEYRING_ID, KEY_SPEC_SESSION_KEYRING, 0)
  const session = `perl -e 'print syscall(${process.arch === 'x64' ? 250 : 219}, 0, -3, 0)'`
  const ours = execFileSync('sh', ['-c', session], { encoding: 'utf8' })
  // The filter of system calls would refuse the question.
  const ask = async () => (await inside(session, { seccomp: 'unconfined' })).stdout
  const [one, other] = [await ask(), await ask()]
  expect(Number(one)).toBeGreaterThan(0)
  expect(new Set([ours, one, other]).size).toBe(3)
})

test('what we have open or locked ourselves is as it was', () => {
  expect(procfs().self.limits()['RLIMIT_NOFILE']!.soft).toBe(procfs().self.limits()['RLIMIT_NOFILE']!.hard)
  expect(process.umask()).toBe(0o022)
})

leavesNothing()
