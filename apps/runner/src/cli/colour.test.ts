import { expect, test } from 'vitest'
import { colours, wantsColour } from './colour.ts'

const terminal = () => true
const pipe = () => false

test.each([
  ['a terminal', {}, terminal, true], ['a pipe', {}, pipe, false], ['NO_COLOR', { NO_COLOR: '1' }, terminal, false], ['NO_COLOR before FORCE_COLOR', { NO_COLOR: '1', FORCE_COLOR: '1' }, terminal, false],
  ['an empty NO_COLOR does not count', { NO_COLOR: '' }, terminal, true], ['FORCE_COLOR', { FORCE_COLOR: '1' }, pipe, true], ['FORCE_COLOR=0', { FORCE_COLOR: '0' }, terminal, false], ['a dumb terminal', { TERM: 'dumb' }, terminal, false],
])('%s', (_name, env, isatty, wanted) => {
  expect(wantsColour(1, env, isatty)).toBe(wanted)
})

test('without colour there is no escape', () => {
  expect(colours(false).red('x')).toBe('x')
  expect(colours(true).red('x')).toBe('\x1b[31mx\x1b[0m')
  expect(colours(true).red('')).toBe('')
})
