import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { OciState } from '../state/oci-state.ts'
import { OciStore } from '../state/oci-store.ts'
import { configOf } from './config-of.ts'

test('a container that is deleted between the look at its state and the one at its configuration is not there', () => {
  const root = mkdtempSync(join(tmpdir(), 'ctr-config-of-'))
  onTestFinished(() => rmSync(root, { recursive: true }))
  const seen = { id: 'gone' } as OciState
  expect(() => configOf(new OciStore(root), seen)).toThrow('container does not exist')
  mkdirSync(join(root, 'gone'))
  expect(() => configOf(new OciStore(root), seen)).toThrow('container does not exist')
})
