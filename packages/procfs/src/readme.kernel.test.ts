import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { transformSync } from 'esbuild'
import { expect, test } from 'vitest'
import * as procfs from './index.ts'

// Needs /proc. Imports become arguments, and console.log collects.
const blocks = [...readFileSync(new URL('../README.md', import.meta.url), 'utf8').matchAll(/^```ts\n(.*?)^```/gms)].map((match) => match[1]!)

test.each(blocks.map((code, index) => [index + 1, code] as const))('example %i of the README runs', async (_, code) => {
  const printed: unknown[][] = []
  const body = transformSync(code.replace(/^import (\{.*\}) from '.*'$/gm, 'const $1 = exports'), { loader: 'ts' }).code
  const Run = Object.getPrototypeOf(async () => undefined).constructor as new (...names: string[]) => (...values: unknown[]) => Promise<void>
  await new Run('exports', 'console', body)({ ...procfs, spawn }, { log: (...values: unknown[]) => printed.push(values) })
  expect(printed.length).toBeGreaterThan(0)
  expect(printed.flat()).not.toContain(undefined)
})
