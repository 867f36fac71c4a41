import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { text } from '../inside.ts'
import { hasBusybox, type BundleConfig } from './oci.ts'
import { containers } from './group.ts'

const enabled = /\tselinuxfs$/m.test(readFileSync('/proc/filesystems', 'latin1'))
/** A machine that is somebody's has a policy of its own. */
const ours = enabled && process.env.CTR_GUEST !== undefined

const [label, other, files] = ['ctr_u:ctr_r:ctr_container_t:s0:c1,c2', 'ctr_u:ctr_r:ctr_other_t:s0:c0.c3', 'ctr_u:object_r:ctr_file_t:s0:c1,c2']

describe.skipIf(!hasBusybox)('labels of SELinux', () => {
  const { made } = containers()

  describe.skipIf(!ours)('where the kernel uses SELinux (needs a guest with security=selinux, and the package secilc)', () => {
    let directory: string
    beforeAll(() => { directory = mkdtempSync(join(tmpdir(), 'ctr-selinux-')) })
    afterAll(() => rmSync(directory, { recursive: true }))

    /** A policy is loaded through a selinuxfs, which need not be mounted. */
    function load(): void {
      const policy = join(directory, 'policy')
      const script = `secilc -c 33 -o ${policy} -f /dev/null ${join(import.meta.dirname, 'selinux.cil')} && mount -t selinuxfs none /sys/fs/selinux && cat ${policy} >/sys/fs/selinux/load && echo 1 >/sys/fs/selinux/enforce`
      const { status, stderr } = spawnSync('unshare', ['--mount', '--propagation', 'private', 'sh', '-c', script], { encoding: 'utf8' })
      if (status !== 0) throw new Error(stderr)
    }

    const secret = { destination: '/secret', type: 'tmpfs', source: 'tmpfs', options: ['context="ctr_u:object_r:ctr_secret_t:s0:c3"'] }
    const queues = { destination: '/dev/mqueue', type: 'mqueue', source: 'mqueue', options: [] }
    const labelled = (process: Record<string, unknown> = {}, linux: Record<string, unknown> = {}) => (config: BundleConfig) => {
      config.mounts.push(secret, queues)
      Object.assign(config.process, { selinuxLabel: label, ...process })
      Object.assign(config.linux, { mountLabel: files, ...linux })
    }
    const left = () => [readdirSync('/sys/fs/cgroup'), readFileSync('/proc/self/mountinfo', 'utf8')]
    const look = 'cat /proc/self/attr/current; echo; for d in /secret /dev/mqueue; do ls $d >/dev/null 2>&1 && echo read || echo refused; done'

    test('while there is no policy they are an error: the kernel would take any, and do nothing', async () => {
      await expect(made('true', labelled())).rejects.toThrow('has no policy')
    })

    describe('and has a policy', () => {
      beforeAll(load)

      const ids = [{ containerID: 0, hostID: 0, size: 65536 }]
      const user = { namespaces: ['pid', 'mount', 'ipc', 'uts', 'network', 'user'].map((type) => ({ type })), uidMappings: ids, gidMappings: ids }
      test.each([['', {}, {}], [', without privileges', { noNewPrivileges: true, user: { uid: 1000, gid: 1000 } }, {}], [', in a user namespace', {}, user]])('confine the command, and its session keyring and message queues are its own%s', async (_, process, linux) => {
        const container = await made(`${look}; grep -c _ses[.] /proc/keys`, labelled(process, linux))
        await container.oci('start')
        expect(await text((await container.process).stdout)).toBe(`${label}\0\nrefused\nread\n1\n`)
      })

      test('are those of what joins the container, unless that has one of its own', async () => {
        const container = await made('true', labelled())
        expect(await container.exec('sh', '-c', look)).toBe(`${label}\0\nrefused\nread\n`)
        expect(await container.execWith({ process: { selinuxLabel: other } }, 'sh', '-c', look)).toBe(`${other}\0\nread\nread\n`)
      })

      test('are those of every new file system, but for the kernel\'s own', async () => {
        const [lower, upper] = ['lower', 'upper'].map((name) => join(mkdtempSync(join(directory, 'layers-')), name))
        for (const each of [lower!, upper!]) mkdirSync(each)
        const container = await made('true', (config) => {
          labelled()(config)
          config.linux['maskedPaths'] = ['/sys/firmware']
          config.mounts.push({ destination: '/etc', type: 'tmpfs', source: 'tmpfs', options: ['tmpcopyup', 'ro'] }, { destination: '/layers', type: 'overlay', source: 'overlay', options: [`lowerdir=${upper}:${lower}`] }, { destination: '/bound', type: 'bind', source: lower!, options: ['bind'] })
        })
        const [, ...mounts] = (await container.exec('cat', '/proc/self/mountinfo')).trimEnd().split('\n')
        expect(Object.fromEntries(mounts.map((line) => [line.split(' ')[4], /[ ,]context=(?:"([^"]*)"|([^,]*))/.exec(line)?.slice(1).join('')]))).toEqual({
          '/proc': undefined, '/proc/sys': undefined, '/sys': undefined, '/dev/mqueue': undefined, '/bound': undefined, '/secret': 'ctr_u:object_r:ctr_secret_t:s0:c3',
          '/dev': files, '/dev/pts': files, '/etc': files, '/layers': files, '/sys/firmware': files,
        })
      })

      test.each([['the command', { selinuxLabel: 'ctr_u:ctr_r:ctr_none_t:s0' }, {}, /write\(.*ctr_none_t.*EINVAL[\s\S]*the policy has to know/], ['file systems', {}, { mountLabel: 'ctr_u:object_r:ctr_none_t:s0' }, /fsconfig\(.*context.*ctr_none_t.*EINVAL/]])('that the policy does not know: the call that was refused, and nothing is left (%s)', async (_, process, linux, said) => {
        const before = left()
        await expect(made('true', labelled(process, linux))).rejects.toThrow(said)
        expect(left()).toEqual(before)
      })
    })
  })

  test.skipIf(enabled)('are an error where the kernel does not use SELinux', async () => {
    await expect(made('true', (config) => { config.process['selinuxLabel'] = label })).rejects.toThrow(`process.selinuxLabel: "${label}" would be no protection: this kernel has no SELinux`)
    await expect(made('true', (config) => { config.linux['mountLabel'] = files })).rejects.toThrow(`linux.mountLabel: "${files}" would be no protection`)
    const container = await made('true')
    await expect(container.oci('exec', `--process-label=${label}`, 'true')).rejects.toThrow(`selinuxLabel: "${label}" would be no protection`)
  })
})
