import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ancestors, enableControllers } from './subtree-control.ts'

// A tree of plain files with the names of cgroup2: what is tested is which files are written with what, not what a kernel would answer.
describe('enableControllers', () => {
  let root: string
  const write = (path: string, files: Record<string, string>) => {
    mkdirSync(join(root, path), { recursive: true })
    for (const [name, text] of Object.entries(files)) writeFileSync(join(root, path, name), text)
  }
  const control = (path: string) => readFileSync(join(root, path, 'cgroup.subtree_control'), 'utf8')
  const place = () => ({ version: 2 as const, controllers: ['cpu', 'memory', 'pids'], mountpoint: root, directory: `${root}/a/b` })

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'ctr-test-'))
    // The real root has no cgroup.type, and processes.
    write('', { 'cgroup.controllers': 'cpu memory pids\n', 'cgroup.subtree_control': '', 'cgroup.procs': '1\n' })
    write('a', { 'cgroup.controllers': '', 'cgroup.subtree_control': '', 'cgroup.procs': '', 'cgroup.type': 'domain\n' })
    write('a/b', { 'cgroup.controllers': '', 'cgroup.subtree_control': '', 'cgroup.procs': '', 'cgroup.type': 'domain\n' })
  })
  afterEach(() => rmSync(root, { recursive: true }))

  test('every ancestor, from the top, and not the group itself', () => {
    enableControllers(place(), ['memory', 'pids'], [])
    expect([control(''), control('a'), control('a/b')]).toEqual(['+memory +pids', '+memory +pids', ''])
  })

  test('nothing is written when the group has them already', () => {
    write('a/b', { 'cgroup.controllers': 'cpu memory pids\n' })
    enableControllers(place(), ['memory'], ['cpu'])
    expect(control('')).toBe('')
  })

  test('an ancestor with processes is not touched, and named', () => {
    write('a', { 'cgroup.procs': '10\n11\n' })
    expect(() => enableControllers(place(), ['pids'], [])).toThrow(
      `Cannot enable pids for cgroup /a/b: EBUSY\n  path  ${root}/a/cgroup.subtree_control\n  hint  processes live in leaves only: the group has member processes 10, 11`,
    )
    expect(control('a')).toBe('')
    expect(() => enableControllers(place(), [], ['pids'])).not.toThrow()
    expect(control('a')).toBe('')
  })

  test('an ancestor of threads may have processes, for what threads can share', () => {
    write('a', { 'cgroup.procs': '10\n', 'cgroup.type': 'domain threaded\n' })
    enableControllers(place(), ['cpu'], [])
    expect(control('a')).toBe('+cpu')
    expect(() => enableControllers(place(), ['memory'], [])).toThrow('EBUSY')
  })

  test('no controllers, no reads', () => {
    rmSync(join(root, 'a/b'), { recursive: true })
    enableControllers(place(), [], [])
  })

  test('ancestors of a group at the top: the root alone', () => {
    const at = (path: string) => ({ version: 2 as const, controllers: [], mountpoint: '/c', directory: `/c${path}` })
    expect([ancestors(at('/a')), ancestors(at('/a/b/d'))]).toEqual([['/c'], ['/c', '/c/a', '/c/a/b']])
  })
})
