import type { Command } from './command.ts'
import { commands } from './commands.ts'
import type { Flag } from './flags/flag.ts'

/** What `ctrun` says without a command. */
export function overview(): string {
  const lines = ['ctrun runs containers made of system calls that you can read first.', '', 'usage: ctrun COMMAND [flags]']
  for (const group of new Set(commands.map((each) => each.group))) {
    lines.push('', group)
    for (const { name, summary } of commands.filter((each) => each.group === group)) lines.push(`  ${name.padEnd(9)} ${summary}`)
  }
  lines.push('', 'Try', '  ctrun run --rm host sh -c \'echo pid $$ on $(hostname); ps -ef\'', '  ctrun explain host true', '  ctrun run --help', '', 'ctrun --help=all has every flag of every command.')
  return lines.join('\n') + '\n'
}

/** The help of every command, with a line for every flag: to be searched. */
export async function everything(): Promise<string> {
  const pages = await Promise.all(commands.map(async ({ name, load }) => commandHelp(name, (await load()).command, { all: true })))
  return [overview(), ...pages].join('\n')
}

/** The help of one command: purpose, examples, flags. On one screen; `all` has a line for every flag. */
export function commandHelp(name: string, { usage, purpose, examples, flags }: Command, { all = false }: { readonly all?: boolean } = {}): string {
  const lines = [`usage: ctrun ${name} ${usage}`.trimEnd(), '', ...wrap(purpose, 78), '', ...examples.map((example) => `  ctrun ${example}`)]
  if (flags.length > 0) lines.push('')
  for (const group of new Set(flags.map((each) => each.group))) {
    const rows = flags.filter((each) => each.group === group)
    if (group !== undefined) lines.push(group)
    lines.push(...(all || group === undefined ? rows.map(full) : wrap(rows.map(short).join(', '), 74).map((line) => `  ${line}`)))
  }
  if (!all && flags.some(({ group }) => group !== undefined)) lines.push('', `ctrun ${name} --help=all has a line for each of them.`)
  return lines.join('\n') + '\n'
}

function full(flag: Flag): string {
  const { name, short, value } = flag
  return `  ${`${short === undefined ? '    ' : `-${short}, `}--${name}${value === undefined ? '' : ` ${value}`}`.padEnd(30)} ${flag.help}`
}

// The spaces within are not to be broken at.
function short({ name, short, value }: Flag): string {
  return `${short === undefined ? `--${name}` : `-${short}`}${value === undefined ? '' : `\u00a0${value}`}`
}

/** Words in lines of at most `width` columns. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  return [...lines, line].map((each) => each.replaceAll('\u00a0', ' '))
}
