import type { Colours } from '../colour.ts'
import { wrap } from '../help.ts'
import type { Report } from './report.ts'

const width = 80

/** A report for people: what failed, why, what to do, where it came from and what is left of it. */
export function printReport(given: Report, colours: Colours): string {
  const report = visible(given)
  const lines = [headline(report, colours)]
  for (const { text, checked } of report.causes.slice(0, 2)) lines.push(...tagged(text, checked ? '[checked]' : '[possible]', colours))
  for (const text of report.fix) lines.push(...wrap(text, width - 4).map((line, i) => (i === 0 ? `  → ${line}` : `    ${line}`)))
  const end = [
    ...(report.from === undefined ? [] : [`from ${cut(report.from, 50)}`]),
    ...(report.undone === undefined || report.undone === 0 ? [] : [report.undone === 1 ? 'step 1 undone' : `steps 1–${report.undone} undone`]),
    ...(report.leftovers === undefined ? [] : [report.leftovers.length === 0 ? 'nothing left behind' : 'left behind:']),
  ]
  if (end.length > 0) lines.push(...wrap(end.join(' · '), width - 2).map((line) => `  ${colours.dim(line)}`))
  for (const path of report.leftovers ?? []) lines.push(`    ${path}`)
  return lines.join('\n') + '\n'
}

/** Names and paths are somebody else's: a control character in them must not reach the terminal. */
export function visible<T>(value: T): T {
  if (typeof value === 'string') return value.replace(/[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`) as T
  if (Array.isArray(value)) return value.map(visible) as T
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, visible(each)])) as T
}

function headline({ headline, step, errno }: Report, { red, bold }: Colours): string {
  const mark = red('✗')
  if (step === undefined && errno === undefined) return wrap(headline, width - 2).map((line, i) => (i === 0 ? `${mark} ${bold(line)}` : `  ${line}`)).join('\n')
  const call = step === undefined ? '' : `  ${cut(step.text, Math.max(20, width - headline.length - 6 - (errno?.length ?? 0)))}`
  const gap = Math.max(2, width - 2 - headline.length - call.length - (errno?.length ?? 0))
  return `${mark} ${bold(headline)}${call}${' '.repeat(gap)}${red(errno ?? '')}`
}

/** The text, and at the right edge how sure it is. */
function tagged(text: string, tag: string, { dim }: Colours): string[] {
  const lines = wrap(text, width - 4 - tag.length)
  return lines.map((line, i) => (i === lines.length - 1 ? `  ${line}${' '.repeat(Math.max(2, width - 2 - line.length - tag.length))}${dim(tag)}` : `  ${line}`))
}

/** At most so many columns, the end gone. */
export function cut(text: string, columns: number): string {
  return text.length <= columns ? text : `${text.slice(0, columns - 1)}…`
}

/** A report for programs. */
export function jsonReport({ id, headline, step, errno, causes, fix, from, leftovers, exit }: Report): string {
  const error = {
    id, origin: 'runner', message: headline,
    ...(step === undefined ? {} : { step: { index: step.index, of: step.of, sys: step.sys, args: step.args, why: step.why, ...(from === undefined ? {} : { from }) } }),
    ...(step === undefined && from !== undefined ? { from } : {}),
    ...(errno === undefined ? {} : { errno }),
    ...(causes[0] === undefined ? {} : { cause: causes[0] }),
    fix, leftovers: leftovers ?? [],
  }
  return JSON.stringify({ v: 1, error, exit }) + '\n'
}
