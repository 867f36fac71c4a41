import { expect, test } from 'vitest'
import { explain, type Program } from '@ctr/syscall'
import { decodeJson } from '../json/read-json.ts'
import { intelRdtShape, type OciIntelRdt } from '../config/intel-rdt-shape.ts'
import { mountedResctrl } from '../lifecycle/resctrl.ts'
import { intelRdt, joinResctrl } from './intel-rdt.ts'
import { difference } from './schemata.ts'

const root = '/sys/fs/resctrl'
const lines = (program: Program) => explain(program, { why: false, names: false })
const of = (rdt: OciIntelRdt, schemata?: string) => intelRdt(rdt, 'box', { root, schemata })
const file = '    MB:0=100;1= 70\n    L3:0=7ff;1=01f\n'

test('a group of its own is made, limited and counted, in this order; and goes with the container', () => {
  const { group, make, unmake } = of({ l3CacheSchema: 'L3:0=f', memBwSchema: 'MB:0=20', schemata: ['L2:0=f', 'L3:0=ff'], enableMonitoring: true })
  expect(lines(make)).toEqual([
    'mkdirat(AT_FDCWD, "/sys/fs/resctrl/box", 0755)',
    ...['L3:0=f', 'MB:0=20', 'L2:0=f', 'L3:0=ff'].flatMap((line) => ['openat(AT_FDCWD, "/sys/fs/resctrl/box/schemata", O_WRONLY|O_CLOEXEC)', `write(3, "${line}\\n", ${line.length + 1})`, 'close(3)']),
    'mkdirat(AT_FDCWD, "/sys/fs/resctrl/box/mon_groups/box", 0755)',
  ])
  expect(group).toEqual({ directory: `${root}/box`, own: true, monitoring: `${root}/box/mon_groups/box` })
  expect(lines(unmake)).toEqual(['unlinkat(AT_FDCWD, "/sys/fs/resctrl/box/mon_groups/box", AT_REMOVEDIR)', 'unlinkat(AT_FDCWD, "/sys/fs/resctrl/box", AT_REMOVEDIR)'])
  expect(lines(joinResctrl(group))).toEqual(['', '/mon_groups/box'].flatMap((below) => [`openat(AT_FDCWD, "/sys/fs/resctrl/box${below}/tasks", O_WRONLY|O_CLOEXEC)`, 'write(3, "0", 1)', 'close(3)']))
})

test('without limits nothing is written to schemata, and one that was there is nobody\'s to remove', () => {
  expect(lines(of({}).make)).toEqual(['mkdirat(AT_FDCWD, "/sys/fs/resctrl/box", 0755)'])
  expect(of({}, file)).toMatchObject({ group: { own: false }, make: [], unmake: [] })
})

test('a class with a name has to be there, or it is said what it is to be; it stays', () => {
  expect(() => of({ closID: 'gold' })).toThrow('linux.intelRdt.closID: /sys/fs/resctrl/gold is not there')
  expect(of({ closID: 'gold' }, file)).toMatchObject({ group: { directory: `${root}/gold`, own: false }, make: [], unmake: [] })
  const made = of({ closID: 'gold', schemata: ['L3:0=7ff'] })
  expect([made.group.own, lines(made.make).length, lines(made.unmake)]).toEqual([false, 4, ['unlinkat(AT_FDCWD, "/sys/fs/resctrl/gold", AT_REMOVEDIR)']])
  // Its own group for counting goes all the same.
  expect(of({ closID: 'gold', enableMonitoring: true }, file)).toMatchObject({ group: { own: false, monitoring: `${root}/gold/mon_groups/box` }, unmake: [{ name: 'unlinkat' }] })
  expect(of({ closID: '/', enableMonitoring: true }, file).group).toEqual({ directory: root, own: false, monitoring: `${root}/mon_groups/box` })
})

test('a class that is there has to be what was asked for', () => {
  expect(of({ closID: 'gold', l3CacheSchema: 'L3:1=1F;0=7FF', memBwSchema: 'MB:1=70' }, file).make).toEqual([])
  expect(() => of({ closID: 'gold', l3CacheSchema: 'L3:0=7ff;1=3f' }, file)).toThrow('linux.intelRdt: /sys/fs/resctrl/gold is another class of service: L3:1 is 1f, and 3f was asked for')
  expect(difference(['L2:0=f'], file)).toBe('L2:0 is not there, and f was asked for')
  expect(difference(['MB:7=10'], file)).toBe('MB:7 is not there, and 10 was asked for')
})

test('where there is no resctrl, and what is no name, is an error', () => {
  expect(() => intelRdt({}, 'box', undefined)).toThrow('linux.intelRdt: no file system resctrl is mounted')
  expect(() => intelRdt({}, 'info', { root, schemata: undefined })).toThrow('linux.intelRdt: info cannot be the name of a group')
  const read = (json: object) => () => intelRdtShape(decodeJson(Buffer.from(JSON.stringify(json)), 'x'), 'linux.intelRdt')
  for (const closID of ['', '.', '..', 'a/b', '/a', 'info', 'mon_groups', 'a\nb']) expect(read({ closID })).toThrow('linux.intelRdt.closID: ')
  expect(read({ memBwSchema: 'L3:0=f' })).toThrow('linux.intelRdt.memBwSchema: "L3:0=f" is not a line of a schemata file that begins with MB:')
  expect(read({ schemata: ['L3:0=f\nMB:0=1'] })).toThrow('linux.intelRdt.schemata[0]: ')
  // Of older versions, and known to nobody.
  expect(read({ enableCMT: true, enableMBM: true })()).toEqual({})
})

test('it is found in the table of mounts', () => {
  expect(mountedResctrl('30 1 0:27 / /sys rw - sysfs sysfs rw\n31 30 0:28 / /a\\040b rw - resctrl resctrl rw,cdp\n')).toBe('/a b')
  expect(mountedResctrl('30 1 0:27 / /sys/fs/resctrl rw - tmpfs resctrl rw\n')).toBeUndefined()
})
