import { spawnSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import '../packages/launch/test/images.ts'
import { compareWithStrace } from './strace.ts'

const missing = spawnSync('strace', ['-V']).error !== undefined

const script = (program: string, options: string) => `
  import { sys } from '@ctr/syscall'
  import { checkpoint, launch } from './index.ts'
  import { shell } from '../test/shell.ts'
  const p = await launch(${program}, ${options})
  await p.exited
  console.log(JSON.stringify(p.plan))`

const namespaces = `['CLONE_NEWNS', 'CLONE_NEWUTS', 'CLONE_NEWPID', 'CLONE_NEWIPC', 'CLONE_NEWNET', 'CLONE_NEWCGROUP', 'CLONE_NEWUSER']`
const container = `[
  sys.mount(null, '/', null, ['MS_REC', 'MS_PRIVATE'], null, 'mounts must not reach the host'),
  sys.openat2('AT_FDCWD', '/', { flags: ['O_PATH', 'O_DIRECTORY', 'O_CLOEXEC'], resolve: ['RESOLVE_NO_MAGICLINKS'] }, { as: 'root', why: 'a place to work from', retry: ['EAGAIN'] }),
  sys.fsopen('tmpfs', ['FSOPEN_CLOEXEC'], { as: 'fs', why: 'a filesystem of its own' }),
  sys.fsconfig({ fd: 'fs' }, 'FSCONFIG_SET_STRING', 'size', '64k', 'a small one'),
  sys.fsconfig({ fd: 'fs' }, 'FSCONFIG_CMD_CREATE', 'it begins'),
  sys.fsmount({ fd: 'fs' }, ['FSMOUNT_CLOEXEC'], ['MOUNT_ATTR_NOSUID'], { as: 'tmpfs', why: 'a mount of it' }),
  sys.move_mount({ fd: 'tmpfs' }, '', { fd: 'root' }, 'mnt', ['MOVE_MOUNT_F_EMPTY_PATH'], 'it has a place'),
  sys.mkdirat({ fd: 'tmpfs' }, 'directory', 0o755, { why: 'it may be there', allow: ['EEXIST'] }),
  sys.chdir('/nope', { why: 'it may not be there', allow: ['ENOENT'] }),
  ...checkpoint('middle'),
  sys.close({ fd: 'fs' }, 'no more'),
  sys.openat({ fd: 'tmpfs' }, 'file', ['O_WRONLY', 'O_CREAT', 'O_CLOEXEC'], 0o644, { as: 'file', why: 'the lowest number that is free' }),
  sys.write({ fd: 'file' }, 'a "quoted"\\n\\u0001line\\n', 'all bytes are shown'),
  sys.sethostname('traced', 'a name of its own'),
  sys.prctl('PR_SET_NO_NEW_PRIVS', 'nothing more than this'),
  shell('exit 0'),
]`
const idMaps = `{ uid: [[0, 0, 4294967295]], gid: [[0, 0, 4294967295]] }`

describe.skipIf(missing)(`strace sees what explain says${missing ? ': needs strace' : ''}`, () => {
  test.each(['memfd', 'file'])('of a container, as a %s', { timeout: 60_000 }, async (image) => {
    const [program, watch] = await compareWithStrace(script(container, `{ image: '${image}', namespaces: ${namespaces}, idMaps: ${idMaps}, stdio: 'ignore', checkpoints: { middle: () => {} }, orphan: [sys.unlinkat('AT_FDCWD', '/nope', [], 'not made')] }`))
    expect(program!.traced).toEqual(program!.explained)
    expect(watch!.traced).toEqual(watch!.explained)
    expect(program!.traced.length).toBeGreaterThan(25)
  })

  test('of a process that is detached, and of one without an execve', { timeout: 60_000 }, async () => {
    for (const [program, options] of [['[shell("exit 0")]', '{ detached: true, stdio: "ignore" }'], ['[sys.getpid("a call")]', '{ namespaces: ["CLONE_NEWPID"], detached: true, stdio: "ignore" }'], ['[sys.getpid("a call")]', '{ stdio: "ignore" }']] as const)
      for (const { traced, explained } of await compareWithStrace(script(program, options))) expect(traced).toEqual(explained)
  })

  test('of joining a process', { timeout: 60_000 }, async () => {
    const compared = await compareWithStrace(`
      import { launch, openPidfd } from './index.ts'
      import { shell } from '../test/shell.ts'
      const pidfd = openPidfd(process.pid)
      const p = await launch([shell('exit 0')], { stdio: 'ignore', join: { pidfd, namespaces: ['CLONE_NEWUTS', 'CLONE_NEWPID'] } })
      await p.exited
      console.log(JSON.stringify(p.plan))`)
    for (const { traced, explained } of compared) expect(traced).toEqual(explained)
  })

  test('of spawn, with all that it can be asked for', { timeout: 60_000 }, async () => {
    for (const more of ["detached: true, cwd: '/'", "processGroup: 0, namespaces: ['CLONE_NEWUTS', 'CLONE_NEWPID'], cwd: openSync('/', 'r')", "terminal: { columns: 80, rows: 24 }, endsWithParent: true"]) {
      const compared = await compareWithStrace(`
        import { once } from 'node:events'
        import { openSync } from 'node:fs'
        import { spawn, spawnPlan } from './spawn.ts'
        const options = {
          stdio: ['ignore', 'ignore', 'ignore', 'ignore', openSync('/etc/passwd', 'r')], env: { PATH: '/nonexistent:/bin' }, argv0: 'other', uid: 1000, gid: 1000, groups: [7],
          affinity: [0], nice: 3, scheduler: { policy: 'SCHED_BATCH', nice: 4 }, ioPriority: { class: 'IOPRIO_CLASS_BE', level: 6 }, rlimits: { RLIMIT_NOFILE: [64, 128], RLIMIT_CORE: 0 }, umask: 0o27,
          parentDeathSignal: 'SIGTERM', ${more},
        }
        await once(spawn('true', ['x'], options).on('error', (error) => console.error(error, error.cause)), 'exit')
        console.log(JSON.stringify(spawnPlan('true', ['x'], options)))`)
      // The parent's PID is required, not an argument: strace shows it as the result.
      for (const { traced, explained } of compared) expect(traced).toEqual(explained)
      expect(compared[0]!.traced.length).toBeGreaterThan(18)
    }
  })

  test('of a traced one it sees more: what was woven in', { timeout: 60_000 }, async () => {
    const source = script('[shell("exit 0")]', '{ trace: true, stdio: "ignore" }')
    const [without] = await compareWithStrace(source, /^clock_gettime/)
    expect(without!.traced).toEqual(without!.explained)
    const [all] = await compareWithStrace(source)
    // Around each call but the first, and not behind the execve.
    expect(all!.traced.length).toBe(3 * without!.explained.length - 3)
  })
})
