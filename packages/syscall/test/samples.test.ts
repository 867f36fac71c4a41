import { expect, test } from 'vitest'
import { abi, check, families, parse, signature, stringify } from '../src/index.ts'
import { open, samples } from './samples.ts'

test('every row of the ABI table has a sample, and every variant of a row', () => {
  const sampled = new Set(samples.flatMap((call) => [call.name, `${call.name} ${String(call.args[given(call.name)])}`]))
  const rows = Object.keys(abi).flatMap((name) => {
    const variants = Object.keys(signature(name).choice?.variants() ?? {})
    return [name, ...variants.map((variant) => `${name} ${variant}`)]
  })
  expect(rows.filter((row) => !sampled.has(row))).toEqual([])
})

/** How many arguments come before the selector. */
function given(name: string): number {
  return signature(name).params().filter((param) => !param.implicit).length
}

test('every constant of every family is in a sample', () => {
  const text = stringify(samples)
  // These stand for values that no call of ours takes as an argument.
  // MPOL_WEIGHTED_INTERLEAVE: strace 6.1 has no name for it.
  const elsewhere = new Set(['MPOL_WEIGHTED_INTERLEAVE', 'FSCONFIG_SET_BINARY', 'TIOCGWINSZ', 'TCGETS', 'SECCOMP_GET_ACTION_AVAIL', '_LINUX_CAPABILITY_VERSION_3', 'CLONE_SETTLS'])
  const missing = Object.values(families).flat().filter((name) => !text.includes(`"${name}"`) && !elsewhere.has(name))
  expect(missing).toEqual([])
})

test('a sample is a call that check accepts, and it survives JSON', () => {
  const findings = samples.filter(({ name }) => name !== 'pivot_root').flatMap((call) => check([call], open))
  expect(findings).toEqual([])
  expect(parse(stringify(samples))).toEqual(samples)
})
