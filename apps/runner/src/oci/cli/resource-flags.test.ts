import { expect, test } from 'vitest'
import { parseOciFlags } from './flags.ts'
import { resourceFlags, resourcesOfFlags } from './resource-flags.ts'

function resources(...words: string[]): { readonly resources: unknown; readonly warned: string[] } {
  const warned: string[] = []
  return { resources: resourcesOfFlags(parseOciFlags(resourceFlags, words), (message) => warned.push(message)), warned }
}

test.each([
  ['67108864', 2 ** 26], ['64M', 2 ** 26], ['64MiB', 2 ** 26], ['64m', 2 ** 26], ['64 MB', 2 ** 26], ['65536k', 2 ** 26], ['0.0625g', 2 ** 26], ['1T', 2 ** 40], ['512B', 512], ['-1', -1],
])('an amount of memory: %s', (text, limit) => {
  expect(resources('--memory', text)).toEqual({ resources: { memory: { limit } }, warned: [] })
})

test('each sets its member, and none of them nothing', () => {
  expect(resources('--cpu-rt-period=1000000', '--cpu-rt-runtime=950000', '--blkio-weight=500', '--memory-swap=-1', '--cpuset-cpus=0-3', '--pids-limit=-1').resources).toEqual({
    cpu: { realtimePeriod: 1_000_000, realtimeRuntime: 950_000, cpus: '0-3' }, blockIO: { weight: 500 }, memory: { swap: -1 }, pids: { limit: -1 },
  })
  expect(resources().resources).toEqual({})
})

test('what no kernel has any more is passed over, with a word of it', () => {
  expect(resources('--kernel-memory=5M', '--kernel-memory-tcp=5M')).toEqual({ resources: {}, warned: ['kernel-memory', 'kernel-memory-tcp'].map((name) => `--${name} is ignored: no kernel limits it by itself any more`) })
})

test.each([
  ['--memory', '64X', 'invalid value "64X" for flag -memory: a number of bytes is wanted, or of a unit, as 64M'],
  ['--memory', '-5M', 'invalid value "-5M" for flag -memory'],
  ['--cpu-share', '5M', 'invalid value "5M" for flag -cpu-share: a whole number is wanted'],
])('%s %s', (name, value, message) => {
  expect(() => resources(name, value)).toThrow(message)
})
