import { once } from 'node:events'
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { checkpoint } from './index.ts'
import { spawn } from './spawn.ts'
import { images } from '../test/images.ts'
import { census, expectNothingLeft } from '../test/leaks.ts'
import { run, text } from '../test/shell.ts'

const mountPoint = readFileSync('/proc/self/mountinfo', 'latin1').split('\n').find((line) => / - cgroup2 /.test(line))?.split(' ')[4]
const ofProcess = (pid: number | 'self') => /^0::(.*)$/m.exec(readFileSync(`/proc/${pid}/cgroup`, 'latin1'))![1]!

// A second here, and twenty in the guest beside other work.
describe.skipIf(mountPoint === undefined)('a cgroup to start in (needs a mounted cgroup v2 hierarchy)', () => {
  let count = 0
  /** The path of a new group. @param times how often its processes were all killed */
  function group(times = 0): string {
    const path = `/ctr-test-${process.pid}-${count++}`
    mkdirSync(mountPoint + path)
    onTestFinished(() => expect.poll(() => rmdirSync(mountPoint + path)).toBeUndefined())
    for (let i = 0; i < times; i++) writeFileSync(`${mountPoint}${path}/cgroup.kill`, '1')
    return path
  }
  /** We are in it, until the test has ended. */
  function move(path: string): void {
    const before = ofProcess('self')
    const to = (there: string) => writeFileSync(`${mountPoint}${there}/cgroup.procs`, String(process.pid))
    to(path)
    onTestFinished(() => to(before))
  }

  test.each(images)('nothing of it is anywhere else, as a %s', async (image) => {
    const path = group()
    expect((await run('grep ^0:: /proc/self/cgroup', { image, cgroup: mountPoint + path })).out).toBe(`0::${path}\n`)
    // With a namespace of its own it is the root that can be seen, because it was never anywhere else.
    expect((await run('grep ^0:: /proc/self/cgroup', { image, cgroup: mountPoint + path, namespaces: ['CLONE_NEWCGROUP', 'CLONE_NEWPID'] })).out).toBe('0::/\n')
    expect(readFileSync(`${mountPoint}${path}/cgroup.procs`, 'utf8')).toBe('')
  })

  // Linux kills what is cloned into a group of another count of kills than the caller's: since 6.14, and in newer stable versions.
  describe.each([['of which all were killed once', 1, {}], ['that is joined', 0, { cgroupBy: 'cgroup.procs' }]] as const)('%s', (_, times, how) => {
    test('it starts there as well, and is there before its first call', async () => {
      const before = await census()
      const path = group(times)
      const seen: string[] = []
      const inside = { ...how, cgroup: mountPoint + path, checkpoints: { first: ({ pid }: { pid: number }) => { seen.push(ofProcess(pid)) } } }
      const { out, exit } = await run('grep ^0:: /proc/self/cgroup; ls -l /proc/self/fd', inside, checkpoint('first'))
      expect({ group: out.split('\n')[0], exit, seen }).toEqual({ group: `0::${path}`, exit: expect.objectContaining({ code: 0 }), seen: [path] })
      expect(out).not.toMatch(/cgroup$/m)
      for (const namespaces of [['CLONE_NEWCGROUP'], ['CLONE_NEWUSER', 'CLONE_NEWCGROUP', 'CLONE_NEWPID']] as const) {
        const ids = namespaces.includes('CLONE_NEWUSER' as never) ? { idMaps: { uid: [[0, process.getuid!(), 1]], gid: [[0, process.getgid!(), 1]] } as const } : {}
        expect((await run('grep ^0:: /proc/self/cgroup', { ...inside, ...ids, namespaces, detached: true })).out).toBe('0::/\n')
      }
      await expectNothingLeft(before)
    })
  })

  test('spawn has its streams from the beginning, and of descriptors that were closed at once', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'ctr-cgroup-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const path = group(1)
    const file = openSync(join(folder, 'out'), 'w')
    const child = spawn('sh', ['-c', 'cat; cat <&4 >&3; grep ^0:: /proc/self/cgroup'], { cgroup: mountPoint + path, stdio: ['pipe', 'pipe', 'inherit', file, 'pipe'] })
    closeSync(file)
    child.stdin!.end('early\n')
    ;(child.stdio[4]!).end('more\n')
    const [out] = await Promise.all([text(child.stdout), once(child, 'close')])
    expect(child).toMatchObject({ exitCode: 0, signalCode: null })
    expect(out).toBe(`early\n0::${path}\n`)
    expect(readFileSync(join(folder, 'out'), 'utf8')).toBe('more\n')
  })

  test('a signal that was sent meanwhile counts', async () => {
    const path = group(1)
    for (let round = 0; round < 30; round++) {
      const child = spawn('sleep', ['1000'], { cgroup: mountPoint + path, stdio: 'ignore' })
      const end = performance.now() + round * 0.2
      while (performance.now() < end);
      // Not sent where the kernel has been faster.
      while (!child.kill('SIGKILL')) await new Promise(setImmediate)
      await once(child, 'exit')
      expect(child.signalCode).toBe('SIGKILL')
    }
  })

  test('and where we are in a group that was killed once, and it in one that was not', async () => {
    move(group(1))
    const path = group()
    expect((await run('grep ^0:: /proc/self/cgroup', { cgroup: mountPoint + path })).out).toBe(`0::${path}\n`)
  })
})
