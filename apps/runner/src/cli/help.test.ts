import { expect, test } from 'vitest'
import { commands } from './commands.ts'
import { commandHelp, everything, overview, wrap } from './help.ts'

test('the overview fits on a screen', () => {
  expect(overview()).toMatchSnapshot()
  expect(overview().split('\n').length).toBeLessThanOrEqual(41)
})

test.each(commands.map(({ name, load }) => [name, load] as const))('%s: purpose, three examples, flags, on a screen', async (name, load) => {
  const { command } = await load()
  const text = commandHelp(name, command)
  expect(text).toMatchSnapshot()
  expect(text.trimEnd().split('\n').length).toBeLessThanOrEqual(40)
  for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(80)
  expect(command.examples).toHaveLength(3)
  for (const line of commandHelp(name, command, { all: true }).split('\n')) expect(line.length).toBeLessThanOrEqual(80)
})

test('every flag has a line of its own in the whole help', async () => {
  const { command } = await commands[0]!.load()
  const all = commandHelp('run', command, { all: true })
  for (const { name } of command.flags) expect(all).toContain(`--${name}`)
})

test('all of it is one page, in which every command can be found', async () => {
  const page = await everything()
  for (const { name } of commands) expect(page).toContain(`\nusage: ctrun ${name}`)
  expect(page).toMatch(/^ +--pids-limit N +/m)
})

test('wrap keeps words whole', () => {
  expect(wrap('one two three four', 9)).toEqual(['one two', 'three', 'four'])
  expect(wrap('', 9)).toEqual([''])
})
