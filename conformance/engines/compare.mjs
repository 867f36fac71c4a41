// What a runtime has to show: the same as runc, which has to show what every runtime must.
import { isDeepStrictEqual } from 'node:util'

/** @typedef {{ name: string, seen?: unknown, error?: string, ms: number }} Line what was seen in one scenario */
/** @typedef {{ status: number | string, lines: readonly Line[] }} Results of one engine with one runtime */
/** @typedef {{ ok: boolean, name: string, why: string }} Verdict */

const show = (value) => JSON.stringify(value, null, 1)?.replace(/\n\s*/g, ' ')

/** What is right is what is expected, and where nothing is, what is seen with runc. */
function right(scenarios, base) {
  const expected = new Map(scenarios.flatMap((scenario) => ('expected' in scenario ? [[scenario.name, scenario.expected]] : [])))
  return new Map(base.lines.map(({ name, seen }) => [name, expected.has(name) ? expected.get(name) : seen]))
}

/** @returns {Verdict[]} runc itself */
export function verdictsOnReference(label, scenarios, base) {
  const answers = right(scenarios, base)
  return [
    ...base.lines.map(({ name, seen, error, ms }) => ({
      ok: error === undefined && isDeepStrictEqual(seen, answers.get(name)), name: `${label}: ${name} (${ms} ms)`, why: error ?? `saw      ${show(seen)}\nexpected ${show(answers.get(name))}`,
    })),
    { ok: base.status === 0 && base.lines.length === scenarios.length, name: `${label}: ends`, why: `status ${base.status}, ${base.lines.length} of ${scenarios.length} scenarios` },
  ]
}

/** @returns {Verdict[]} another runtime beside it */
export function verdicts(label, scenarios, base, { status, lines }) {
  const answers = right(scenarios, base)
  const better = new Set(scenarios.filter((scenario) => scenario.better).map(({ name }) => name))
  /** As with runc; or it works where runc, of which that is known, does not. */
  const fits = (name, seen) => isDeepStrictEqual(seen, answers.get(name)) || (better.has(name) && seen?.status === 0 && answers.get(name)?.status !== 0)
  return [
    ...lines.map(({ name, seen, error, ms }) => ({ ok: error === undefined && fits(name, seen), name: `${label}: ${name} (${ms} ms)`, why: error ?? `saw  ${show(seen)}\nrunc ${show(answers.get(name))}` })),
    { ok: status === 0 && lines.length === base.lines.length, name: `${label}: ends`, why: `status ${status}, ${lines.length} of ${base.lines.length} scenarios` },
  ]
}
