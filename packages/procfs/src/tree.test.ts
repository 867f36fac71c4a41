import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fixture } from './fixtures/fixture.ts'
import { parseStat } from './stat.ts'
import { ancestors, descendants, type ProcessNode, processTree } from './tree.ts'

const sample = parseStat(fixture('process/stat'))
const table = (...parents: [pid: number, ppid: number][]) => parents.map(([pid, ppid]) => ({ ...sample, pid, ppid }))
const shape = (nodes: readonly ProcessNode[]): unknown => nodes.map(({ stat, children }) => (children.length === 0 ? stat.pid : [stat.pid, shape(children)]))

test('children under parents, by PID', () => {
  expect(shape(processTree(table([9, 1], [1, 0], [2, 0], [5, 1], [6, 5])))).toEqual([[1, [[5, [6]], 9]], 2])
})

test('a process whose parent is not in the table is a root', () => {
  expect(shape(processTree(table([7, 99], [8, 7])))).toEqual([[7, [8]]])
})

test('circles are cut, not followed', () => {
  expect(shape(processTree(table([1, 1])))).toEqual([1])
  expect(shape(processTree(table([1, 2], [2, 1], [3, 1])))).toEqual([[2, [[1, [3]]]]])
})

test('every process is in it once, whatever the parents', () => {
  fc.assert(fc.property(fc.array(fc.tuple(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 0, max: 31 })), { maxLength: 40 }), (parents) => {
    const rows = [...new Map(table(...parents).map((row) => [row.pid, row])).values()]
    const found: number[] = []
    const walk = (nodes: readonly ProcessNode[]): void => nodes.forEach(({ stat, children }) => { found.push(stat.pid); walk(children) })
    walk(processTree(rows))
    expect(found.sort((a, b) => a - b)).toEqual(rows.map(({ pid }) => pid).sort((a, b) => a - b))
  }))
})

test('a chain of 100,000 does not exhaust the stack', () => {
  expect(processTree(table(...Array.from({ length: 100_000 }, (_, index): [number, number] => [index + 1, index])))).toHaveLength(1)
})

test('descendants and ancestors', () => {
  const rows = table([1, 0], [5, 1], [6, 5], [7, 6], [8, 5], [9, 1])
  const pids = (found: readonly { pid: number }[]) => found.map(({ pid }) => pid)
  expect(pids(descendants(rows, 5))).toEqual([6, 8, 7])
  expect(pids(descendants(rows, 7))).toEqual([])
  expect(pids(ancestors(rows, 7))).toEqual([6, 5, 1])
  expect(pids(ancestors(rows, 1))).toEqual([])
  expect(pids(ancestors(rows, 99))).toEqual([])
  const circle = table([1, 2], [2, 1], [3, 1])
  expect(pids(descendants(circle, 1))).toEqual([2, 3])
  expect(pids(ancestors(circle, 3))).toEqual([1, 2])
})
