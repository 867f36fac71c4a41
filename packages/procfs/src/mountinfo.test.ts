import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { fixture, hasVectors, vector } from './fixtures/fixture.ts'
import { parseMountinfo } from './mountinfo.ts'

const one = (line: string) => parseMountinfo(`${line}\n`)[0]

test('the example of proc(5)', () => {
  expect(one('36 35 98:0 /mnt1 /mnt/parent rw,noatime master:1 - ext3 /dev/root rw,errors=continue')).toEqual({
    id: 36, parentId: 35, major: 98, minor: 0, root: '/mnt1', mountPoint: '/mnt/parent', options: ['rw', 'noatime'], master: 1,
    unbindable: false, fsType: 'ext3', source: '/dev/root', superOptions: ['rw', 'errors=continue'], unknown: [],
  })
})

test('optional fields', () => {
  expect(one('1 2 0:3 / / rw shared:4 master:5 propagate_from:6 unbindable new:7 - tmpfs tmpfs rw')).toMatchObject({
    shared: 4, master: 5, propagateFrom: 6, unbindable: true, unknown: ['new:7'],
  })
})

test('escapes', () => {
  expect(one('1 2 0:3 /a\\134b /m\\040n\\011\\012\\043 rw - fuse.x\\040y s\\040t rw')).toMatchObject({
    root: '/a\\b', mountPoint: '/m n\t\n#', fsType: 'fuse.x y', source: 's t',
  })
  // Undone once: a directory called "\040" is not one called " ".
  expect(one('1 2 0:3 / /\\134040 rw - x x rw')?.mountPoint).toBe('/\\040')
})

test('a comma in a value of the superblock does not split it', () => {
  expect(one('1 2 0:3 / / rw - overlay overlay rw,lowerdir=/a\\054b:/c\\134:d,upperdir=/u')?.superOptions).toEqual(['rw', 'lowerdir=/a,b:/c\\:d', 'upperdir=/u'])
})

test('an empty source', () => {
  expect(one('1 2 0:3 / /m rw - tmpfs  rw,size=4k')).toMatchObject({ source: '', superOptions: ['rw', 'size=4k'] })
})

test('blanks that a file system forgot to escape stay in its options', () => {
  const line = '1 2 0:3 / /Docker/host rw - 9p drvfs rw,aname=drvfs;path=C:\\Program Files\\Docker;symlinkroot=/mnt/,mmap'
  expect(one(line)).toMatchObject({ source: 'drvfs', superOptions: ['rw', 'aname=drvfs;path=C:\\Program Files\\Docker;symlinkroot=/mnt/', 'mmap'] })
})

test('captured: an order in which every parent comes first', () => {
  const mounts = parseMountinfo(fixture('process/mountinfo'))
  expect(mounts).toHaveLength(19)
  expect(mounts.at(-1)).toMatchObject({ mountPoint: '/sys/fs/cgroup/unified', fsType: 'cgroup2' })
})

test('what is not a mountinfo names the line', () => {
  const good = '1 2 0:3 / / rw - tmpfs tmpfs rw'
  const fail = (line: string) => () => parseMountinfo(`${good}\n${line}\n`, '/proc/1/mountinfo')
  expect(fail('1 2 0:3 / / rw')).toThrow('/proc/1/mountinfo line 2: expected " - "')
  expect(fail('1 2 0:3 / - tmpfs tmpfs rw')).toThrow('six fields')
  expect(fail('1 2 0:3 / / rw - tmpfs tmpfs')).toThrow('three fields')
  expect(fail('1 2 03 / / rw - tmpfs tmpfs rw')).toThrow('major:minor')
  expect(fail('x 2 0:3 / / rw - tmpfs tmpfs rw')).toThrow('decimal')
  expect(parseMountinfo('')).toEqual([])
})

interface Captured {
  mountPoints: string[]
  lines: { lineBase64: string }[]
}

test.skipIf(!hasVectors('kernel-captures'))('mount points of any bytes (needs the kernel-captures fixtures)', () => {
  const captured = JSON.parse(readFileSync(vector('kernel-captures/mountinfo.json'), 'utf8')) as Captured
  const text = captured.lines.map(({ lineBase64 }) => Buffer.from(lineBase64, 'base64').toString('latin1')).join('\n')
  const found = parseMountinfo(text).map(({ mountPoint }) => Buffer.from(mountPoint, 'latin1').toString('base64'))
  for (const mountPoint of captured.mountPoints) expect(found).toContain(mountPoint)
})

test.skipIf(!hasVectors('prometheus-procfs'))('the mounts of prometheus/procfs (needs its fixtures)', () => {
  const mounts = parseMountinfo(readFileSync(vector('prometheus-procfs/decoded/fixtures/proc/26231/mountinfo'), 'utf8'))
  expect(mounts).toHaveLength(8)
  expect(mounts[0]).toMatchObject({ id: 1, root: '/', mountPoint: '/root', shared: 8, fsType: 'rootfs' })
})
