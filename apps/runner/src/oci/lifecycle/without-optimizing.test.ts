import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { cachedDataVersionTag } from 'node:v8'
import { expect, onTestFinished, test } from 'vitest'
import { withoutOptimizing } from './without-optimizing.ts'

test('V8 has another flag for a large configuration, and the one that it had afterwards', async () => {
  const bundle = mkdtempSync(join(tmpdir(), 'ctr-large-'))
  onTestFinished(() => rmSync(bundle, { recursive: true }))
  const { execArgv } = process
  // Workers of tests have some.
  process.execArgv = []
  onTestFinished(() => { process.execArgv = execArgv })
  // It is of the flags that V8 has, beside its version and the processor.
  const before = cachedDataVersionTag()
  const during = () => withoutOptimizing(bundle, async () => cachedDataVersionTag())
  expect(await during()).toBe(before)
  for (const [bytes, same] of [[1000, true], [100_000, false]] as const) {
    writeFileSync(join(bundle, 'config.json'), ' '.repeat(bytes))
    expect(await during() === before).toBe(same)
    expect(cachedDataVersionTag()).toBe(before)
  }
  await expect(withoutOptimizing(bundle, async () => { throw new Error('as it comes') })).rejects.toThrow('as it comes')
  expect(cachedDataVersionTag()).toBe(before)
})
