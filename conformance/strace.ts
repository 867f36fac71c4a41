import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { explain } from '../packages/syscall/src/index.ts'
import type { Plan, Side } from '../packages/launch/src/index.ts'
import { all, node } from '../packages/launch/test/node-script.ts'

/** What was to be made and what strace saw, line by line, of one straight line of calls. */
export interface Compared {
  readonly explained: readonly string[]
  readonly traced: readonly string[]
}

const ownMapping = /^mmap\(0x10010000, /

interface Line {
  readonly call: string
  readonly result: string
}

/**
 * Runs a script that launches something under strace, an independent oracle, and holds every line that strace printed for the launched
 * process against what `explain` says of its plan.
 *
 * Only what cannot be known before is taken from neither: addresses, what the kernel wrote into buffers, results.
 *
 * @param script TypeScript that stands in packages/launch/src; it launches one process, waits for its end, and prints `plan` as JSON in a line
 * @param ignore calls that are not of the plan: what is woven in. Default: the packaged interpreter's own, which maps its program.
 * @returns the program first, then the other side of each clone3 in it
 */
export async function compareWithStrace(script: string, ignore = ownMapping): Promise<Compared[]> {
  const folder = mkdtempSync(join(tmpdir(), 'strace-'))
  try {
    const file = join(folder, 'trace')
    const { lines, ended } = await node(script, { wrap: ['strace', '-f', '-v', '-s', '65536', '--pidns-translation', '-o', file] })
    const plan = JSON.parse((await all(lines)).at(-1) ?? 'null') as Plan | null
    if ((await ended) !== 0 || plan === null) throw new Error('The script under strace has failed')
    return compare(plan, parse(readFileSync(file, 'utf8')), ignore)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** Calls by process, in order. A call that another process interrupted is printed in two parts. */
function parse(trace: string): Map<string, Line[]> {
  const calls = new Map<string, Line[]>()
  const unfinished = new Map<string, string>()
  for (const line of trace.split('\n')) {
    const [, pid, text] = /^(\d+) +(.*)$/.exec(line) ?? []
    if (pid === undefined || text === undefined || text.startsWith('---') || text.startsWith('+++')) continue
    const begun = /^(.*?) <unfinished \.\.\.>$/.exec(text)
    if (begun) {
      unfinished.set(pid, begun[1]!)
      continue
    }
    const whole = text.replace(/^<\.\.\. \w+ resumed>/, () => unfinished.get(pid) ?? '')
    const [, call, result] = /^(.*?)\s+= (-?\w+.*|\?.*)$/.exec(whole) ?? [undefined, whole, '?']
    if (result!.includes('ERESTART') || call!.startsWith('restart_syscall')) continue
    // A PID of another namespace comes with the one that lines begin with.
    const here = /^\d+ \/\* (\d+) in strace's PID NS \*\/$/.exec(result!)?.[1]
    calls.set(pid, [...(calls.get(pid) ?? []), { call: call!.replace(/ \/\* \d+ in strace's PID NS \*\//g, ''), result: here ?? result! }])
  }
  return calls
}

const nothing: Line = { call: '', result: '' }
const wasMade = ({ call, result }: Line) => /^execve(at)?\(/.test(call) && result === '0'

function compare(plan: Plan, calls: Map<string, Line[]>, ignore: RegExp): Compared[] {
  const isOurs = (line: Line) => wasMade(line) && /^execve\("\/proc\/self\/fd\/\d+", \["ctr"\], \[\]\)/.test(line.call)
  const [pid, spawned] = [...calls].find(([, lines]) => lines.some(isOurs)) ?? []
  if (pid === undefined || spawned === undefined) throw new Error('strace saw no launch')
  const sides: Side[] = [plan, ...plan.forks]
  const found: Line[][] = sides.map(() => [])
  let clones = 0
  follow(spawned.slice(spawned.findIndex(isOurs) + 1).filter(({ call }) => !ignore.test(call)), 0)
  return sides.map((side, i) => {
    const explained = [...explain(side.program, { open: side.open, names: false, why: false }), 'exit_group(0)']
    const traced = withoutRetries(found[i]!, side)
    // What watches ends early, by the byte that says that it is not needed.
    const early = i > 0 && traced.length < explained.length && traced.at(-1)?.startsWith('exit_group(')
    // Of several candidates for execve, the first that succeeds is the last.
    const executed = wasMade(found[i]!.at(-1) ?? nothing) && explained.slice(traced.length).every((line) => /^(execve|exit_group)\(/.test(line))
    const expected = executed ? explained.slice(0, traced.length) : early ? [...explained.slice(0, traced.length - 1), 'exit_group(1)'] : explained
    return { explained: expected, traced: traced.map((line, j) => known(line, expected[j] ?? '')) }
  })

  /** The child of a clone3 goes on with the line it is in, the caller with the next. */
  function follow(lines: readonly Line[], side: number): void {
    for (const [i, line] of lines.entries()) {
      found[side]!.push(line)
      if (wasMade(line) || line.call.startsWith('exit_group(')) return
      if (!line.call.startsWith('clone3(') || !/^\d+$/.test(line.result)) continue
      const next = ++clones
      if (next >= sides.length) throw new Error('strace saw more clone3 than the plan has')
      const child = (calls.get(line.result) ?? []).filter(({ call }) => !ignore.test(call))
      follow(lines.slice(i + 1), next)
      follow(child, side)
      return
    }
  }
}

/** A call that was tried again is one call of the program. */
function withoutRetries(lines: readonly Line[], { program }: Side): string[] {
  const made: string[] = []
  for (const { call } of lines) if (made.at(-1) !== call || (program[made.length - 1]?.retry ?? []).length === 0) made.push(call)
  return made
}

/** A traced line with … in every place where the explained one has it, if they agree in all others. */
function known(traced: string, explained: string): string {
  // strace shows behind an arrow what clone3 wrote.
  const line = traced.replace(/\} => \{[^}]*\}/, '}')
  const parts = explained.split('…').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  const unknown = '(?:"(?:\\\\.|[^"\\\\])*"|0x[0-9a-f]+|NULL|\\{.*?\\})'
  return new RegExp(`^${parts.join(unknown)}$`).test(line) ? explained : line
}
