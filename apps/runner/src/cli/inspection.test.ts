import { expect, test } from 'vitest'
import type { ContainerRecord } from '../containers.ts'
import { inspection } from './inspection.ts'
import { statusText } from './status-text.ts'

const record: ContainerRecord = {
  status: 'running',
  state: {
    v: 1, id: 'abc', name: 'web', status: 'running', created: '2026-01-01T00:00:00.000Z', started: '2026-01-01T00:00:01.000Z', owner: { pid: 5, starttimeTicks: 1 }, process: { pid: 4711, starttimeTicks: 2 }, cgroup: '/ctrun-web',
    config: { rootfs: 'host', args: ['sh', '-c', 'x'], limits: { memoryBytes: 1024, cpus: 0.5, memorySwapBytes: 'max' }, ulimits: { core: [0, 'unlimited'] }, mounts: [{ type: 'bind', source: '/a', target: '/b', readOnly: true }] },
  },
}

test('the names that scripts look for', () => {
  expect(inspection(record)).toMatchSnapshot()
})

test('one that has ended has no PID', () => {
  const ended: ContainerRecord = { status: 'exited', state: { ...record.state, outcome: { exitCode: 137, signal: 'SIGKILL', reason: { kind: 'oom', peakBytes: 1, limitBytes: 1 } } } }
  expect(inspection(ended).State).toMatchObject({ Status: 'exited', Running: false, Pid: 0, ExitCode: 137, OOMKilled: true })
})

test('what is true of it, in words', () => {
  const now = Date.parse('2026-01-01T00:03:01.000Z')
  expect(statusText(record, now)).toBe('up 3 minutes')
  expect(statusText({ ...record, status: 'paused' }, now)).toBe('up 3 minutes, paused')
  expect(statusText({ ...record, status: 'exited', state: { ...record.state, finished: '2026-01-01T00:03:00.000Z', outcome: { exitCode: 3, signal: null } } }, now)).toBe('exited (3) 1 second ago')
})
