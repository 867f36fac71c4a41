import type { Command } from '../command.ts'
import type { Finding, Verdict } from '../doctor/finding.ts'
import { wrap } from '../help.ts'
import { outColours, print, terminalWidth } from '../output.ts'

export const command: Command = {
  usage: '[--json]',
  purpose: 'Says what this machine can do for ctrun and ctrun-oci and what it cannot, why, and how that is mended. It only reads. Ends with 1 where no container can be made.',
  examples: ['doctor', 'doctor --json', 'doctor | grep →'],
  flags: [{ name: 'json', help: 'a line of JSON for each' }],
  operands: [0, 0, ''],
  async main(args) {
    const [{ diagnose, usable }, { readDoctorFacts }] = await Promise.all([import('../doctor/diagnose.ts'), import('../doctor/read-facts.ts')])
    const findings = diagnose(readDoctorFacts())
    if (args.has('json')) print(findings.map((each) => JSON.stringify({ v: 1, ...each }) + '\n').join(''))
    else print(shown(findings, await terminalWidth(1)))
    return usable(findings) ? 0 : 1
  },
}

const signs: Readonly<Record<Verdict, string>> = { yes: '✓', partly: '~', no: '✗' }

/** A line each, and another for how it is mended; in a pipe, they are as long as they are. */
function shown(findings: readonly Finding[], width = Infinity): string {
  const { green, yellow, red } = outColours()
  const paint = { yes: green, partly: yellow, no: red }
  const column = Math.max(...findings.map(({ name }) => name.length)) + 4
  const indented = (text: string) => wrap(text, Math.max(width - column, 20)).join(`\n${' '.repeat(column)}`)
  return findings.map(({ name, verdict, why, fix }) => `${paint[verdict](signs[verdict])} ${name.padEnd(column - 2)}${indented(why)}\n${fix === undefined ? '' : `${' '.repeat(column)}${indented(`→ ${fix}`)}\n`}`).join('')
}
