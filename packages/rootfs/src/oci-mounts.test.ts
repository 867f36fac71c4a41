import { check, descriptors, explain, type Program } from '@ctr/syscall'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ociMounts, type MountEntry } from './index.ts'

const root = { fd: 'root' }
const all = (mounts: readonly MountEntry[], options = {}): Program => {
  const { idMapped, sources, detached, byMount, attach } = ociMounts({ root, mounts, ...options })
  return [...idMapped, ...sources, ...detached, ...byMount, ...attach]
}
const lines = (program: Program) => explain(program, { why: false, open: { root: 3 } })

test('a bind mount has its attributes before anything of the image is looked at', () => {
  const { sources, detached, byMount, attach } = ociMounts({ root, mounts: [{ destination: '/data', type: 'bind', source: '/srv', options: ['rbind', 'ro', 'rslave'] }] })
  expect(lines([...sources, ...detached])).toEqual([
    'open_tree(AT_FDCWD, "/srv", OPEN_TREE_CLOEXEC)',
    'open_tree(4<source of mount 0>, "", OPEN_TREE_CLONE|OPEN_TREE_CLOEXEC|AT_EMPTY_PATH|AT_RECURSIVE)',
    'close(4<source of mount 0>)',
    'mount_setattr(5<mount 0>, "", AT_EMPTY_PATH, {attr_set=MOUNT_ATTR_RDONLY, attr_clr=0, propagation=0 /* MS_??? */, userns_fd=0}, 32)',
    'mount_setattr(5<mount 0>, "", AT_EMPTY_PATH|AT_RECURSIVE, {attr_set=0, attr_clr=0, propagation=MS_SLAVE, userns_fd=0}, 32)',
  ])
  expect(byMount).toEqual([])
  expect(attach.map((call) => call.name)).toEqual(['mkdirat', 'openat2', 'move_mount', 'close', 'close'])
})

test('what the host opens comes before all that is found in the image, whatever the entries', () => {
  const entry = fc.oneof(
    fc.record({ destination: fc.constantFrom('/a', '/a/b', '/c/../d', 'e', '/link/f'), source: fc.constantFrom('/srv', 'relative'), options: fc.subarray(['rbind', 'ro', 'rro', 'nosuid', 'rshared', 'private', 'noatime']).map((options) => ['bind', ...options]), kind: fc.constantFrom('file' as const, 'directory' as const) }),
    fc.record({ destination: fc.constantFrom('/t', '/a/t', '/dev/shm'), type: fc.constant('tmpfs'), options: fc.subarray(['nosuid', 'size=1m', 'tmpcopyup', 'rnoexec', 'private']) }),
    fc.constantFrom<MountEntry>({ destination: '/proc', type: 'proc' }, { destination: '/sys', type: 'sysfs', options: ['ro'] }, { destination: '/sys/fs/cgroup', type: 'cgroup', options: ['ro'] }, { destination: '/t', options: ['remount', 'ro'] },
      { destination: '/o', type: 'overlay', options: [`lowerdir=${'/l'.repeat(300)}`] }),
  )
  fc.assert(fc.property(fc.array(entry, { maxLength: 8 }), (mounts: MountEntry[]) => {
    const { sources, detached, byMount, attach, within } = ociMounts({ root, mounts })
    const program = [...sources, ...detached, ...byMount, ...attach]
    expect(check(program, { root: 3 })).toEqual([])
    const usesRoot = program.map((call) => JSON.stringify(call.args).includes('{"fd":"root"}'))
    const first = usesRoot.includes(true) ? usesRoot.indexOf(true) : program.length
    for (const call of program.slice(first)) for (const arg of call.args) if (typeof arg === 'string' && call.name !== 'fsconfig') expect([call.name, arg]).not.toEqual([call.name, expect.stringMatching(/^\/./)])
    expect([...descriptors(program, { root: 3 }).left.keys()].sort()).toEqual(['root', ...Object.values(within).map(({ fd }) => fd)].sort())
  }))
})

test('masks find /proc and /sys by descriptor, unless something covers them', () => {
  const kept = (...mounts: MountEntry[]) => Object.keys(ociMounts({ root, mounts }).within)
  const [proc, sys] = [{ destination: '/proc/', type: 'proc' }, { destination: '/x/../sys', type: 'sysfs' }]
  expect(kept(proc, sys)).toEqual(['/proc', '/sys'])
  expect(kept(proc, sys, { destination: '/sys', source: '/sys', options: ['rbind'] })).toEqual(['/proc'])
  expect(kept({ destination: '/other', type: 'proc' })).toEqual([])
})

// CVE-2019-16884: a volume over /proc kept the label of the process from ever reaching the kernel.
test.each(['/proc', '/proc/', '//proc/.', '/proc/self', '/proc/self/attr', '/x/../proc/sys', 'proc/self', '/proc/sysrq-trigger', '/proc/cpuinfo/..'])('nothing may cover %s', (destination) => {
  expect(() => all([{ destination, type: 'tmpfs' }])).toThrow('Cannot mount on the files of /proc')
  expect(() => all([{ destination, source: '/srv', options: ['bind'] }])).toThrow(JSON.stringify(destination))
})

test('what may be on /proc: a proc, one of the host, and what programs read of the machine', () => {
  expect(all([{ destination: '/proc', type: 'proc' }]).length).toBeGreaterThan(0)
  expect(all([{ destination: '/proc', source: '/proc', options: ['rbind'], onProc: true }]).length).toBeGreaterThan(0)
  expect(all([{ destination: '/proc/cpuinfo', source: '/var/lib/lxcfs/proc/cpuinfo', kind: 'file', options: ['bind'] }, { destination: '/process', type: 'tmpfs' }]).length).toBeGreaterThan(0)
})

test('refuses what cannot be meant', () => {
  expect(() => all([{ destination: '/x', type: 'bind' }])).toThrow('Cannot bind without a source')
  expect(() => all([{ destination: '/x', source: '/y' }])).toThrow('Cannot mount without a type')
  expect(() => all([{ destination: '/', type: 'tmpfs' }])).toThrow('it is the root itself')
  expect(() => all([{ destination: '/x', source: '/y', options: ['bind', 'idmap'] }])).toThrow('Cannot map ids without the user namespace')
  expect(() => all([{ destination: '/x', source: '/y', options: ['bind'], uidMappings: [{}] }])).toThrow('Cannot map ids without the user namespace')
  expect(() => all([{ destination: '/x', type: 'tmpfs', options: ['ridmap'], idMap: root }])).toThrow('Cannot map the ids of what is no bind mount')
  expect(() => all([{ destination: '/x', type: 'ext4', options: ['tmpcopyup'] }])).toThrow('Cannot fill with tmpcopyup what is no tmpfs')
})

test('what has its ids mapped is open in a part of its own', () => {
  const { idMapped, sources } = ociMounts({ root, mounts: [{ destination: '/x', source: '/y', options: ['bind', 'idmap', 'ro'], idMap: { fd: 'ids' } }, { destination: '/z', source: '/y', options: ['bind'] }] })
  expect(explain(idMapped, { why: false, open: { ids: 3 } })).toEqual([
    'open_tree(AT_FDCWD, "/y", OPEN_TREE_CLONE|OPEN_TREE_CLOEXEC)',
    'mount_setattr(4<mount 0>, "", AT_EMPTY_PATH, {attr_set=MOUNT_ATTR_IDMAP, attr_clr=0, propagation=0 /* MS_??? */, userns_fd=3<ids>}, 32)',
    'mount_setattr(4<mount 0>, "", AT_EMPTY_PATH|AT_RECURSIVE, {attr_set=0, attr_clr=0, propagation=MS_PRIVATE, userns_fd=0}, 32)',
    'mount_setattr(4<mount 0>, "", AT_EMPTY_PATH, {attr_set=MOUNT_ATTR_RDONLY, attr_clr=0, propagation=0 /* MS_??? */, userns_fd=0}, 32)',
  ])
  expect(sources.map((call) => call.as)).toEqual(['source of mount 1'])
})

test('ids: idmap for the mount, ridmap for all below, mappings mean idmap', () => {
  const attributes = (entry: Partial<MountEntry>) => all([{ destination: '/x', source: '/y', idMap: { fd: 'ids' }, ...entry }]).filter((call) => JSON.stringify(call.args).includes('IDMAP')).map((call) => call.args[2])
  expect(attributes({ options: ['bind', 'idmap'] })).toEqual([['AT_EMPTY_PATH']])
  expect(attributes({ options: ['rbind', 'ridmap'] })).toEqual([['AT_EMPTY_PATH', 'AT_RECURSIVE']])
  expect(attributes({ options: ['rbind'], gidMappings: [{ containerID: 0, hostID: 1, size: 1 }] })).toEqual([['AT_EMPTY_PATH']])
  expect(attributes({ options: ['rbind'] })).toEqual([])
})

test('a label is for new file systems that take one', () => {
  const labels = (type: string, options: string[] = []) => all([{ destination: type === 'proc' ? '/proc' : '/x', type, options }], { mountLabel: 'a:b:c:s0:c1,c2' }).filter((call) => call.args[2] === 'context').map((call) => call.args[3])
  expect(labels('tmpfs')).toEqual(['a:b:c:s0:c1,c2'])
  expect(labels('tmpfs', ['context=own'])).toEqual(['own'])
  // A comma needs no quotes here, and engines write quotes for mount(2).
  expect(labels('tmpfs', ['context="own:s0:c3,c4"'])).toEqual(['own:s0:c3,c4'])
  // The overlay and the tmpfs that it is made of.
  expect(labels('tmpfs', ['tmpcopyup'])).toEqual(['a:b:c:s0:c1,c2', 'a:b:c:s0:c1,c2'])
  expect([...labels('proc'), ...labels('mqueue'), ...labels('sysfs'), ...labels('cgroup')]).toEqual([])
  const overlay = all([{ destination: '/x', type: 'overlay', options: ['lowerdir=a:b'] }], { mountLabel: 'a:b:c:s0:c1,c2' })
  expect(overlay.find((call) => call.name === 'mount')!.args[4]).toBe('context="a:b:c:s0:c1,c2",lowerdir=a:b')
  expect(explain(all([{ destination: '/dev/mqueue', type: 'mqueue' }], { mountLabel: 'a:b:c:s0:c1,c2' }), { why: false, names: false, open: { root: 3 } }).slice(5, 8)).toEqual([
    'openat(5, ".", O_RDONLY|O_CLOEXEC|O_DIRECTORY)', 'fsetxattr(4, "security.selinux", "a:b:c:s0:c1,c2", 14, 0)', 'close(4)',
  ])
})

test('a tmpfs has the mode of the directory that it covers, unless it is told', () => {
  const mode = (entry: Partial<MountEntry>) => all([{ destination: '/x', type: 'tmpfs', ...entry }]).filter((call) => call.args[2] === 'mode').map((call) => call.args[3])
  expect([mode({}), mode({ mode: 0o1777 }), mode({ mode: 0o1777, options: ['mode=700'] })]).toEqual([[], ['1777'], ['700']])
})
