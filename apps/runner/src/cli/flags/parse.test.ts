import { expect, test } from 'vitest'
import type { Flag } from './flag.ts'
import { parseFlags } from './parse.ts'
import { runFlags } from './run-flags.ts'

const run = (...argv: string[]) => parseFlags(runFlags, argv, { command: 'run', stopAtOperand: true })

test.each<[string[], string, string[]]>([
  [['--memory', '20m', 'host'], 'memory', ['20m']], [['--memory=20m', 'host'], 'memory', ['20m']], [['-m', '20m', 'host'], 'memory', ['20m']], [['-m20m', 'host'], 'memory', ['20m']], [['-m=20m', 'host'], 'memory', ['20m']],
  [['-it', 'host'], 'interactive', ['true']], [['-it', 'host'], 'tty', ['true']], [['-itm', '1g', 'host'], 'memory', ['1g']], [['-t=false', 'host'], 'tty', ['false']],
  [['--rm=false', 'host'], 'rm', ['false']], [['--rm', 'host'], 'rm', ['true']], [['-e', 'A=1', '-eB=2', '--env=C=3', 'host'], 'env', ['A=1', 'B=2', 'C=3']],
  [['--net', 'host', 'host'], 'network', ['host']], [['-v', '-weird:/x', 'host'], 'volume', ['-weird:/x']], [['--name=', 'host'], 'name', ['']], [['-h', 'box', 'host'], 'hostname', ['box']],
])('%j gives %s', (argv, name, values) => {
  const args = run(...argv)
  expect(args.all(name)).toEqual(values)
  expect(args.operands).toEqual(['host'])
})

test('what follows the image is the command\'s', () => {
  expect(run('--rm', 'host', 'ls', '--rm', '-la').operands).toEqual(['host', 'ls', '--rm', '-la'])
  expect(run('host', '--', 'ls').operands).toEqual(['host', '--', 'ls'])
})

test('-- ends the flags', () => {
  expect(run('--rm', '--', '-odd', 'ls')).toMatchObject({ operands: ['-odd', 'ls'], separated: true })
})

test.each<[string[], string, string]>([
  [['--memroy', '1', 'host'], 'unknown flag --memroy', 'did you mean --memory?'],
  [['--mem', '1', 'host'], 'unknown flag --mem', 'ctrun run --help lists the flags'],
  [['--frob', 'host'], 'unknown flag --frob', 'ctrun run --help lists the flags'],
  [['-itz', 'host'], 'unknown flag -z in "-itz"', 'ctrun run --help lists the flags'],
  [['--privileged', 'host'], '--privileged is a flag of Docker that ctrun does not have', 'name what is needed: --cap-add ALL, -v for devices'],
  [['-d', 'host'], '-d is a flag of Docker that ctrun does not have', 'put & behind the command; ctrun stays its parent'],
  [['--constructor', 'host'], 'unknown flag --constructor', 'ctrun run --help lists the flags'],
  [['--memory'], '--memory needs a value: SIZE', ''],
  [['--rm=maybe', 'host'], '--rm is on or off: it takes no value "maybe"', ''],
  [['--name', 'a', '--name', 'b', 'host'], '--name a and --name b contradict each other', 'give one of them'],
])('%j', (argv, message, fix) => {
  expect(() => run(...argv)).toThrow(expect.objectContaining({ message, fix: fix === '' ? [] : [fix] }))
})

test('flags and operands mix where nothing is passed on', () => {
  const flags: readonly Flag[] = [{ name: 'all', short: 'a', help: '' }]
  expect(parseFlags(flags, ['x', '-a', 'y'], { command: 'ps' })).toMatchObject({ operands: ['x', 'y'] })
  expect(parseFlags(flags, ['-'], { command: 'ps' }).operands).toEqual(['-'])
})

test('without a flag, the rest is as it was', () => {
  const args = run('--rm', '-m', '1g', 'host', 'ls')
  const less = args.without(args.given[1]!)
  expect(less.one('memory')).toBeUndefined()
  expect(less.has('rm')).toBe(true)
  expect(less.operands).toEqual(['host', 'ls'])
})
