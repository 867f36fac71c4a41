import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { exec, find, start, type ContainerConfig } from '../src/index.ts'
import { leavesNothing, text } from './inside.ts'
import { rootfsDirectory, type RootfsDirectory } from './rootfs-directory.ts'

let rootfs: RootfsDirectory
beforeAll(() => { rootfs = rootfsDirectory() })
afterAll(() => rootfs.remove())

/** Every option, present or not, with values that work on any machine. */
const options = fc.record({
  directory: fc.boolean(), init: fc.boolean(), tty: fc.boolean(), readOnly: fc.boolean(), noNewPrivileges: fc.boolean(),
  network: fc.constantFrom('none', 'host'), pid: fc.constantFrom('private', 'host'), ipc: fc.constantFrom('private', 'host'), uts: fc.constantFrom('private', 'host'),
  user: fc.constantFrom('0', '54321', '54321:54322', 'root'), cwd: fc.constantFrom('/', '/etc', '/new/directory', '/tmp', '/mnt/tmpfs', '/mnt/tmpfs/below'),
  capAdd: fc.subarray(['NET_ADMIN', 'SYS_ADMIN', 'MKNOD']), capDrop: fc.constantFrom([], ['ALL'], ['CHOWN', 'KILL']),
  limits: fc.constantFrom({}, { pidsMax: 40 }, { memoryBytes: 64 << 20, cpus: 0.9 }, { cpusetCpus: '0', cpuShares: 500 }),
  ulimits: fc.constantFrom({}, { nofile: [100, 100] as const }), env: fc.constantFrom({}, { A: 'x y' }, { PATH: '/bin:/usr/bin', HOME: '/nowhere' }),
  mounts: fc.subarray([
    { type: 'tmpfs', target: '/mnt/tmpfs', mode: 0o1777 }, { type: 'bind', source: '/etc/passwd', target: '/mnt/new/passwd', readOnly: true }, { type: 'bind', source: '/usr', target: '/mnt/usr' },
  ] as const),
})

const script = `
  echo "uid $(id -u)"; echo "gid $(id -g)"; echo "cwd $(pwd)"; echo "pid $$"; echo "nnp $(grep NoNewPrivs /proc/self/status | tail -c 2)"
  test -t 0 && echo "tty yes" || echo "tty no"; (: > /var/written) 2> /dev/null && echo "written yes" || echo "written no"; echo "A $A"
  exit 17`

test('any options go together', async () => {
  let count = 0
  // A machine that has little time tries fewer. Not interruptAfterTimeLimit: it leaves a container that runs to itself.
  const enough = Date.now() + 20_000
  await fc.assert(fc.asyncProperty(options, async ({ directory, ...rest }) => {
    if (Date.now() > enough) return
    const config: ContainerConfig = { rootfs: directory ? rootfs.path : 'host', args: ['sh', '-c', script], name: `t${process.pid}-c${count++}`, ...rest, hostname: rest.uts === 'host' ? undefined : 'box' } as ContainerConfig
    await using container = await start(config)
    const check = (out: string, { tty, first }: { readonly tty: boolean; readonly first: boolean }) => {
      const line = (name: string) => new RegExp(`^${name} (.*?)\\r?$`, 'm').exec(out)?.[1]
      expect(line('uid')).toBe(/^54321/.test(rest.user) ? '54321' : '0')
      expect(line('gid')).toBe(rest.user === '54321:54322' ? '54322' : '0')
      expect(line('cwd')).toBe(rest.cwd)
      if (first && rest.pid === 'private') expect(line('pid')).toBe(rest.init ? '2' : '1')
      expect(line('nnp')).toBe(rest.noNewPrivileges ? '1' : '0')
      expect(line('tty')).toBe(tty ? 'yes' : 'no')
      expect(line('written')).toBe(!rest.readOnly && !/^54321/.test(rest.user) ? 'yes' : 'no')
      expect(line('A')).toBe(rest.env.A ?? '')
    }
    const [out, err] = await Promise.all([text(container.stdout), text(container.stderr)])
    expect(err).toBe('')
    check(out, { tty: rest.tty, first: true })
    expect(await container.exited).toMatchObject({ exitCode: 17, signal: null })

    await using other = await start({ ...config, args: ['sleep', '100'] })
    const process_ = await exec(find(other.name), { args: ['sh', '-c', script], tty: !rest.tty })
    check(await text(process_.stdout), { tty: !rest.tty, first: false })
    expect(await process_.exited).toMatchObject({ exitCode: 17 })
  }), { numRuns: process.env['CTR_GUEST'] === undefined ? 60 : 10 })
})

leavesNothing()
