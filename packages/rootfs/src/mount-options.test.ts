import fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatMountOptions, parseMountOptions } from './index.ts'

const attributes = (text: string) => parseMountOptions(text).attributes

test('sorts options by who takes them', () => {
  expect(parseMountOptions('rbind,rro,nosuid,rslave,mode=755,nonumtail')).toEqual({
    attributes: [{ set: ['MOUNT_ATTR_NOSUID'], clear: [] }, { set: ['MOUNT_ATTR_RDONLY'], clear: [], propagation: 'slave', recursive: true }],
    flags: ['MOUNT_ATTR_NOSUID'], bind: 'rbind', propagation: 'rslave', data: ['mode=755', 'nonumtail'],
  })
})

// OCI runtime-spec config.md, Linux mount options
test.each([
  ['ro', ['MOUNT_ATTR_RDONLY'], []], ['rw', [], ['MOUNT_ATTR_RDONLY']], ['nosuid', ['MOUNT_ATTR_NOSUID'], []], ['suid', [], ['MOUNT_ATTR_NOSUID']],
  ['nodev', ['MOUNT_ATTR_NODEV'], []], ['dev', [], ['MOUNT_ATTR_NODEV']], ['noexec', ['MOUNT_ATTR_NOEXEC'], []], ['exec', [], ['MOUNT_ATTR_NOEXEC']],
  ['nodiratime', ['MOUNT_ATTR_NODIRATIME'], []], ['diratime', [], ['MOUNT_ATTR_NODIRATIME']], ['nosymfollow', ['MOUNT_ATTR_NOSYMFOLLOW'], []], ['symfollow', [], ['MOUNT_ATTR_NOSYMFOLLOW']],
  ['noatime', ['MOUNT_ATTR_NOATIME'], ['MOUNT_ATTR__ATIME']], ['strictatime', ['MOUNT_ATTR_STRICTATIME'], ['MOUNT_ATTR__ATIME']],
  ['relatime', [], ['MOUNT_ATTR__ATIME']], ['norelatime', [], ['MOUNT_ATTR__ATIME']], ['atime', [], ['MOUNT_ATTR__ATIME']], ['nostrictatime', [], ['MOUNT_ATTR__ATIME']],
] as const)('%s, and with an r for all below', (name, set, clear) => {
  expect(attributes(name)).toEqual([{ set, clear }])
  expect(attributes(`r${name}`)).toEqual([{ set, clear, recursive: true }])
})

test.each(['shared', 'slave', 'private', 'unbindable', 'rshared', 'rslave', 'rprivate', 'runbindable'] as const)('%s', (kind) => {
  expect(parseMountOptions(kind)).toMatchObject({ propagation: kind, attributes: [{ propagation: kind.replace(/^r/, ''), ...(kind.startsWith('r') ? { recursive: true } : {}) }], data: [] })
})

test('the last of two that contradict each other counts', () => {
  expect(attributes('ro,rw')).toEqual([{ set: [], clear: ['MOUNT_ATTR_RDONLY'] }])
  expect(attributes('noatime,strictatime')).toEqual([{ set: ['MOUNT_ATTR_STRICTATIME'], clear: ['MOUNT_ATTR__ATIME'] }])
  expect(parseMountOptions('strictatime,relatime').flags).toEqual([])
  expect(parseMountOptions('noexec,defaults').flags).toEqual([])
})

test('mount(8): options of fstab do no harm, and user takes privileges away', () => {
  expect(parseMountOptions('noauto,nofail,_netdev,x-systemd.automount,comment=c,async')).toEqual({ attributes: [], flags: [], data: [] })
  expect(parseMountOptions('user').flags).toEqual(['MOUNT_ATTR_NOEXEC', 'MOUNT_ATTR_NOSUID', 'MOUNT_ATTR_NODEV'])
  expect(parseMountOptions('user,exec').flags).toEqual(['MOUNT_ATTR_NOSUID', 'MOUNT_ATTR_NODEV'])
})

test('a comma in quotes is part of the value', () => {
  expect(parseMountOptions('context="system_u:object_r:tmp_t:s0:c127,c456",noexec')).toMatchObject({ data: ['context=system_u:object_r:tmp_t:s0:c127,c456'], flags: ['MOUNT_ATTR_NOEXEC'] })
  expect(parseMountOptions(['fscontext="a:b:c0,c1"', 'context=a:b:c0,c1', 'x="y"']).data).toEqual(['fscontext=a:b:c0,c1', 'context=a:b:c0,c1', 'x="y"'])
})

test.each(['loop', 'loop=/dev/loop0', 'offset=512', 'sizelimit=1'])('refuses %s by name', (option) => {
  expect(() => parseMountOptions(`ro,${option}`)).toThrow(`Cannot use the mount option ${JSON.stringify(option)}`)
})

test('loses nothing that it does not know', () => {
  fc.assert(fc.property(fc.array(fc.stringMatching(/^[a-z_]{1,6}=[\w.:/-]{0,9}$/).filter((text) => !/^(loop|offset|comment)=/.test(text))), (options) => {
    expect(parseMountOptions(options).data).toEqual(options)
    expect(parseMountOptions(options.join(',')).data).toEqual(options)
  }))
})

test('what is to be changed, and what is to be filled', () => {
  expect(parseMountOptions('remount,ro')).toMatchObject({ remount: true, flags: ['MOUNT_ATTR_RDONLY'] })
  expect(parseMountOptions('tmpcopyup,size=1m')).toMatchObject({ tmpcopyup: true, data: ['size=1m'] })
})

test('flags become words again', () => {
  expect(formatMountOptions(parseMountOptions('rbind,rro,nosuid,dev,noatime,rstrictatime,rslave,ridmap,mode=755'))).toEqual(
    ['rbind', 'nosuid', 'noatime', 'dev', 'rro', 'rstrictatime', 'rslave', 'ridmap', 'mode=755'])
  expect(formatMountOptions(parseMountOptions('context="a:b:c0,c1",remount'))).toEqual(['remount', 'context="a:b:c0,c1"'])
  expect(() => formatMountOptions({ attributes: [{ set: ['MOUNT_ATTR_IDMAP'] }], flags: [], data: [] })).toThrow('There is no mount option that sets MOUNT_ATTR_IDMAP')
})

test('whatever the options, they can be written and read again', () => {
  const words = ['ro', 'rw', 'nosuid', 'suid', 'nodev', 'dev', 'noexec', 'exec', 'nodiratime', 'diratime', 'nosymfollow', 'symfollow', 'noatime', 'strictatime', 'relatime', 'norelatime']
  const word = fc.constantFrom(...words, ...words.map((each) => `r${each}`), 'bind', 'rbind', 'rslave', 'private', 'idmap', 'ridmap', 'remount', 'tmpcopyup', 'mode=755', 'user', 'defaults')
  fc.assert(fc.property(fc.array(word), (options) => {
    const parsed = parseMountOptions(options)
    const order = ({ set = [], clear = [], ...rest }: (typeof parsed.attributes)[number]) => ({ ...rest, set: [...set].sort(), clear: [...clear].sort() })
    const again = parseMountOptions(formatMountOptions(parsed))
    expect({ ...again, attributes: again.attributes.map(order), flags: [...again.flags].sort() }).toEqual({ ...parsed, attributes: parsed.attributes.map(order), flags: [...parsed.flags].sort() })
  }))
})
