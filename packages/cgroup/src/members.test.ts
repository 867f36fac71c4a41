import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { populated } from './exists.ts'
import { group } from './group.ts'
import { procs } from './members.ts'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'ctr-test-'))
  mkdirSync(join(root, 'a/b'), { recursive: true })
  writeFileSync(join(root, 'a/cgroup.procs'), '0\n12\n')
  writeFileSync(join(root, 'a/b/cgroup.procs'), '0\n')
})
afterEach(() => rmSync(root, { recursive: true }))

// A PID of 0 given to kill(2) would signal our own process group; it still is somebody.
test('processes outside the PID namespace are not listed, but the group is populated', () => {
  const layout = { mode: 'v1', hierarchies: [{ version: 1, mountpoint: root, root: '/', controllers: ['pids'], own: '/', readOnly: false }], own: {}, disabled: [] } as const
  expect(procs(group(layout, '/a'), { recursive: true })).toEqual([12])
  expect(procs(group(layout, '/a/b'))).toEqual([])
  expect([populated(group(layout, '/a/b')), populated(group(layout, '/none'))]).toEqual([true, false])
})
