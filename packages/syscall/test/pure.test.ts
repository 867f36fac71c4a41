import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { bundle } from './bundle.ts'

test('the vocabulary imports nothing of Node, nor koffi', () => {
  const dir = mkdtempSync(join(tmpdir(), 'syscall-pure-'))
  try {
    expect(readFileSync(bundle('../src/index.ts', dir), 'utf8')).not.toMatch(/\bfrom "|\bimport "|\brequire\(/)
    // perform does, so the pattern can be trusted.
    expect(readFileSync(bundle('../src/perform.ts', dir), 'utf8')).toMatch(/\bfrom "node:/)
  } finally {
    rmSync(dir, { recursive: true })
  }
})
