import { expect, test } from 'vitest'
import { idMapCommands, mayWriteIdMaps } from './index.ts'

const map = [{ inside: 0, outside: 1000, length: 1 }, { inside: 1, outside: 100000, length: 65536 }]
const own = [{ inside: 0, outside: 1000, length: 1 }]

test('the command lines name the process, then three numbers a range', () => {
  expect(idMapCommands(7, { uid: map, gid: own })).toEqual([{ file: 'newuidmap', args: ['7', '0', '1000', '1', '1', '100000', '65536'] }, { file: 'newgidmap', args: ['7', '0', '1000', '1'] }])
  expect(() => idMapCommands(-1, { uid: map, gid: map })).toThrow(new RangeError('Cannot write ID maps of process -1'))
  expect(() => idMapCommands(7, { uid: [], gid: map })).toThrow('Cannot map no IDs')
})

test('who may write a map: root any, others their own ID where setgroups is denied', () => {
  const me = { uid: 1000, gid: 1000, privileged: false }
  expect(mayWriteIdMaps({ uid: map, gid: map }, { ...me, privileged: true })).toBe(true)
  expect(mayWriteIdMaps({ uid: own, gid: own, setgroups: 'deny' }, me)).toBe(true)
  expect(mayWriteIdMaps({ uid: own, gid: own }, me)).toBe(false)
  expect(mayWriteIdMaps({ uid: map, gid: own, setgroups: 'deny' }, me)).toBe(false)
  expect(mayWriteIdMaps({ uid: own, gid: own, setgroups: 'deny' }, { ...me, gid: 100 })).toBe(false)
})
