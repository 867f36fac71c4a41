import { expect, test } from 'vitest'
import { distance, nearest } from './suggest.ts'

test.each([['run', 'run', 0], ['rnu', 'run', 1], ['iamges', 'images', 1], ['memroy', 'memory', 1], ['sttats', 'stats', 1], ['', 'abc', 3], ['kitten', 'sitting', 3]])('%s and %s are %i slips apart', (a, b, slips) => {
  expect(distance(a, b)).toBe(slips)
  expect(distance(b, a)).toBe(slips)
})

test.each([
  ['iamges', ['images', 'inspect'], 'images'],
  ['sl', ['sh', 'ls', 'sed'], 'ls'],
  ['inspct', ['inspect', 'exec'], 'inspect'],
  ['insp', ['inspect', 'exec'], 'inspect'],
  ['p', ['ps', 'pause'], 'ps'],
  ['x', ['ps', 'rm'], undefined],
  ['frobnicate', ['ps', 'run', 'stop'], undefined],
  ['pau', ['pause', 'unpause'], 'pause'],
  ['ps', ['ps'], undefined],
])('%s among %j means %s', (word, candidates, meant) => {
  expect(nearest(word, candidates)).toBe(meant)
})
