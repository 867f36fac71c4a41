import { chmodSync, copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { decode, defaultCapabilities, parseStatus } from '@ctr/caps'
import { expect, test } from 'vitest'
import { inside, joined, leavesNothing, running, untilInit } from './inside.ts'

const docker = defaultCapabilities.filter((name) => name !== 'CAP_MKNOD')
const status = 'cat /proc/self/status'

/** The five sets, as a process inside finds them. */
async function sets(config: Parameters<typeof inside>[1]) {
  const { permitted, effective, inheritable, bounding, ambient, noNewPrivs } = parseStatus((await inside(status, config)).stdout)
  return { permitted, effective, inheritable, bounding, ambient, noNewPrivs }
}

test('root has what was granted, and nothing else in any set', async () => {
  expect(await sets({})).toEqual({ permitted: docker, effective: docker, bounding: docker, inheritable: [], ambient: [], noNewPrivs: false })
})

test('another user has none, and can get none but those', async () => {
  for (const init of [false, true]) expect(await sets({ user: '1000:1000', init })).toEqual({ permitted: [], effective: [], bounding: docker, inheritable: [], ambient: [], noNewPrivs: false })
})

test('capAdd and capDrop are what there is', async () => {
  const few = { permitted: ['CAP_NET_ADMIN'], effective: ['CAP_NET_ADMIN'], bounding: ['CAP_NET_ADMIN'], inheritable: [], ambient: [], noNewPrivs: false }
  expect(await sets({ capDrop: ['ALL'], capAdd: ['NET_ADMIN'] })).toEqual(few)
  expect(await sets({ capDrop: ['ALL'] })).toEqual({ permitted: [], effective: [], bounding: [], inheritable: [], ambient: [], noNewPrivs: false })
  const without = docker.filter((name) => name !== 'CAP_CHOWN')
  expect(await sets({ capDrop: ['chown'], capAdd: ['cap_sys_time'] })).toMatchObject({ permitted: expect.not.arrayContaining(['CAP_CHOWN']), bounding: expect.arrayContaining([...without, 'CAP_SYS_TIME']) })
})

test('exec has the same, whoever it runs as', async () => {
  await using container = await running('sleep 100', { capDrop: ['ALL'], capAdd: ['CHOWN'], noNewPrivileges: true })
  const root = parseStatus((await joined(container, status)).stdout)
  expect(root).toMatchObject({ permitted: ['CAP_CHOWN'], effective: ['CAP_CHOWN'], bounding: ['CAP_CHOWN'], inheritable: [], ambient: [], noNewPrivs: true })
  const user = parseStatus((await joined(container, status, { user: '1000' })).stdout)
  expect(user).toMatchObject({ permitted: [], effective: [], bounding: ['CAP_CHOWN'], inheritable: [], ambient: [], noNewPrivs: true })
})

test('init has no more than the command', async () => {
  const { stdout } = await inside(`${untilInit} grep ^Cap /proc/1/status`, { init: true, capDrop: ['ALL'], capAdd: ['CHOWN', 'KILL'] })
  const found = stdout.trim().split('\n').map((line) => decode(line.split('\t')[1]!))
  expect(found).toEqual([[], ['CAP_CHOWN', 'CAP_KILL'], ['CAP_CHOWN', 'CAP_KILL'], ['CAP_CHOWN', 'CAP_KILL'], []])
})

test('what needs a capability is refused without it, and not with it', async () => {
  const cases = [
    ['CHOWN', 'chown 1 /tmp'], ['SYS_ADMIN', 'mount -t tmpfs x /mnt'], ['NET_ADMIN', 'perl -e \'use Socket; socket(S, AF_INET, SOCK_DGRAM, 0); setsockopt(S, SOL_SOCKET, 12, pack("i", 7)) or die $!\''],
    ['SYS_NICE', 'nice -n -5 true 2>&1 | grep -v cannot; test $(nice -n -5 nice) = -5'], ['MKNOD', 'mknod /tmp/node c 1 3'], ['SYS_CHROOT', 'chroot / true'],
  ] as const
  for (const [name, command] of cases) {
    expect({ name, ...(await inside(`${command} 2> /dev/null`, { capDrop: ['ALL'] })) }).not.toMatchObject({ exitCode: 0 })
    expect({ name, ...(await inside(command, { capDrop: ['ALL'], capAdd: [name] })) }).toMatchObject({ name, exitCode: 0 })
  }
})

test('a device node of an image or a container opens no device', async () => {
  const { stdout } = await inside('mknod /tmp/null c 1 3 && cat /tmp/null; mknod /dev/shm/null c 1 3 && cat /dev/shm/null', { capAdd: ['MKNOD'] })
  expect(stdout).toBe('')
  expect((await inside('mknod /tmp/null c 1 3 && cat /tmp/null 2>&1', { capAdd: ['MKNOD'] })).stdout).toMatch(/Permission denied/)
  expect((await inside('mknod /tmp/null c 1 3 2>&1')).stdout).toMatch(/Operation not permitted/)
})

/** A directory with a copy of id(1) that everyone may run as root. Not in /tmp: that may be mounted nosuid. */
function withSetuid<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync('/var/lib/ctr-setuid-')
  chmodSync(folder, 0o755)
  copyFileSync('/usr/bin/id', join(folder, 'id'))
  chmodSync(join(folder, 'id'), 0o4755)
  return use(folder).finally(() => rmSync(folder, { recursive: true }))
}

test('with no_new_privs a setuid program gives nothing, without it does', () => withSetuid(async (folder) => {
  for (const mounts of [[], [{ type: 'bind', source: folder, target: '/srv/setuid' }]] as const) {
    const at = mounts.length === 0 ? folder : '/srv/setuid'
    const asUser = { user: '1000:1000', mounts }
    expect((await inside(`id -u; ${at}/id -u`, asUser)).stdout).toBe('1000\n0\n')
    expect((await inside(`id -u; ${at}/id -u`, { ...asUser, noNewPrivileges: true })).stdout).toBe('1000\n1000\n')
    expect((await inside(`${at}/id -u`, { ...asUser, noNewPrivileges: true, init: true })).stdout).toBe('1000\n')
  }
  await using container = await running('sleep 100', { user: '1000', noNewPrivileges: true })
  expect((await joined(container, `${folder}/id -u; grep NoNewPrivs /proc/self/status`)).stdout).toBe('1000\nNoNewPrivs:\t1\n')
  // What a setuid program gives is bounded by what was granted.
  expect((await inside(`cp ${folder}/id /dev/null; ${folder}/id -u; setpriv --version > /dev/null; grep CapBnd /proc/self/status`, { user: '1000', capDrop: ['ALL'] })).stdout).toBe('0\nCapBnd:\t0000000000000000\n')
}))

test('the user, its group and its supplementary groups are the ones that were asked for', async () => {
  const ids = 'id -u; id -g; id -G'
  expect((await inside(ids, { user: '1234:4321' })).stdout).toBe('1234\n4321\n4321\n')
  expect((await inside(ids, { user: '1234' })).stdout).toBe('1234\n0\n0\n')
  expect((await inside(ids)).stdout).toBe('0\n0\n0\n')
  expect((await inside(ids, { user: 'daemon' })).stdout).toMatch(/^1\n1\n1\b/)
  expect((await inside(ids, { user: 'daemon:adm' })).stdout).toMatch(/^1\n4\n4\n/)
  await expect(inside(ids, { user: 'nobody-of-this-name' })).rejects.toThrow('no such user')
})

test('a group that is denied what others may is denied it, also through a setgid program (CVE-2022-36109)', async () => {
  // Such a program runs with another group: the primary one must be among the supplementary ones to count still.
  await using container = await running(`
    cp /bin/cat /srv/cat; chown 0:4 /srv/cat; chmod 2755 /srv/cat
    echo secret > /srv/file; chown 0:1000 /srv/file; chmod 604 /srv/file; sleep 100`)
  for (const user of ['1000:1000', 'daemon:1000']) {
    await expect.poll(async () => (await joined(container, '/srv/cat /srv/file', { user })).stderr).toMatch(/Permission denied/)
    expect((await joined(container, '/srv/cat /srv/file; grep Groups /proc/self/status', { user })).stdout).toBe('Groups:\t1000 \n')
  }
  expect((await joined(container, '/srv/cat /srv/file', { user: '1001:1001' })).stdout).toBe('secret\n')
})

leavesNothing()
