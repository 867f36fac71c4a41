import type { RunningContainer } from '../running-container.ts'
import { cut } from './errors/print-report.ts'
import { shortCall } from './errors/short-call.ts'

const slowest = 10

/** Where the time of a start went: the slowest calls, then the sum by name. */
export function traceTable({ plan, times }: { readonly plan: RunningContainer['plan']; readonly times: ReturnType<RunningContainer['times']> }): string {
  const rows = times.flatMap(({ index, start, end }) => (end === undefined ? [] : [{ index, call: plan.program[index]!, nanos: Number(end - start) }]))
  if (rows.length === 0) return 'trace: no call was timed\n'
  const total = rows.reduce((sum, { nanos }) => sum + nanos, 0)
  const first = times[0]!.start
  const last = times.at(-1)!
  const wall = Number((last.end ?? last.start) - first)
  const byName = new Map<string, { count: number; nanos: number }>()
  for (const { call: { name }, nanos } of rows) {
    const sum = byName.get(name) ?? { count: 0, nanos: 0 }
    byName.set(name, { count: sum.count + 1, nanos: sum.nanos + nanos })
  }
  const lines = [`trace: ${rows.length} calls in ${micros(total)}, ${micros(wall)} from the first to the execve`, '', '  step        time  call']
  for (const { index, call, nanos } of rows.toSorted((a, b) => b.nanos - a.nanos).slice(0, slowest)) lines.push(`  ${String(index + 1).padStart(4)}  ${micros(nanos).padStart(10)}  ${cut(shortCall(call), 60)}`)
  lines.push('', ' calls        time  share')
  for (const [name, { count, nanos }] of [...byName].sort((a, b) => b[1].nanos - a[1].nanos).slice(0, slowest)) lines.push(`  ${String(count).padStart(4)}  ${micros(nanos).padStart(10)}  ${String(Math.round((nanos / total) * 100)).padStart(3)} %  ${name}`)
  return lines.join('\n') + '\n'
}

const micros = (nanos: number) => (nanos >= 1e6 ? `${(nanos / 1e6).toFixed(2)} ms` : `${(nanos / 1e3).toFixed(1)} µs`)
