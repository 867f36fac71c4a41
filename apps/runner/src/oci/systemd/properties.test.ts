import { expect, test } from 'vitest'
import { limitProperties } from './properties.ts'

const none = 2n ** 64n - 1n
const property = (file: string, value: string) => limitProperties([{ controller: file.split('.')[0]!, file, value }]).map(([name, { value: given }]) => [name, given])

test.each([
  ['memory.max', '67108864', [['MemoryMax', 67108864n]]], ['memory.swap.max', 'max', [['MemorySwapMax', none]]], ['memory.low', '0', [['MemoryLow', 0n]]], ['memory.high', '64m', [['MemoryHigh', 2n ** 26n]]], ['memory.high', 'all', []],
  ['cpu.weight', '20', [['CPUWeight', 20n]]],
  ['cpu.max', '50000 100000', [['CPUQuotaPeriodUSec', 100_000n], ['CPUQuotaPerSecUSec', 500_000n]]],
  // 33.333 percent.
  ['cpu.max', '10000 30000', [['CPUQuotaPeriodUSec', 30_000n], ['CPUQuotaPerSecUSec', 340_000n]]],
  ['cpu.max', 'max', [['CPUQuotaPeriodUSec', 100_000n], ['CPUQuotaPerSecUSec', none]]],
  ['cpuset.cpus', '0-1,9', [['AllowedCPUs', [3, 2]]]], ['cpuset.mems', '', [['AllowedMemoryNodes', []]]], ['cpuset.cpus', '3-1', []], ['cpu.max', '1 0', []],
  ['pids.max', '20', [['TasksMax', 20n]]], ['pids.max', '0', [['TasksMax', 1n]]], ['pids.max', 'max', [['TasksMax', none]]],
  ['io.weight', 'default 200', [['IOWeight', 200n]]], ['io.weight', '8:0 200', []],
  ['memory.limit_in_bytes', '67108864', [['MemoryLimit', 67108864n]]], ['memory.limit_in_bytes', '-1', [['MemoryLimit', none]]], ['memory.soft_limit_in_bytes', '1', []], ['memory.memsw.limit_in_bytes', '1', []], ['cpu.shares', '512', [['CPUShares', 512n]]],
  ['blkio.bfq.weight', '200', [['BlockIOWeight', 200n]]], ['blkio.bfq.weight', '9', []],
  ['io.max', '8:0 rbps=1', []], ['hugetlb.2MB.max', '0', []], ['memory.oom.group', '1', []],
])('%s = %s', (file, value, properties) => expect(property(file, value)).toEqual(properties))

test('of several values the last counts', () => {
  expect(limitProperties([{ controller: 'pids', file: 'pids.max', value: '1' }, { controller: 'pids', file: 'pids.max', value: '2' }])).toEqual([['TasksMax', { signature: 't', value: 2n }]])
})

test.each([['50500', 510_000n], ['-1', none]])('the quota of version 1 is in two files: %s', (quota, perSecond) => {
  expect(limitProperties([{ controller: 'cpu', file: 'cpu.cfs_period_us', value: '100000' }, { controller: 'cpu', file: 'cpu.cfs_quota_us', value: quota }])).toEqual([['CPUQuotaPeriodUSec', { signature: 't', value: 100_000n }], ['CPUQuotaPerSecUSec', { signature: 't', value: perSecond }]])
})
