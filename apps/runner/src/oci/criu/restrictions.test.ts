import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseMountinfo } from '@ctr/procfs'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { checkRestrictions, writeRestrictions } from './restrictions.ts'

let images: string
beforeEach(() => { images = mkdtempSync(join(tmpdir(), 'ctr-images-')) })
afterEach(() => rmSync(images, { recursive: true }))

const of = (...mounts: string[]) => parseMountinfo(mounts.map((text, i) => `${i + 2} 1 0:24 / ${text} - overlay overlay rw\n`).join(''))

test('what was forbidden has to be again; more may be', () => {
  writeRestrictions(images, of('/ rw', '/data ro,nosuid,relatime', '/proc/keys rw', '/proc/keys ro,noexec'))
  expect(() => checkRestrictions(images, of('/ ro', '/data ro,nosuid,nodev', '/proc/keys ro,noexec', '/more rw'))).not.toThrow()
  expect(() => checkRestrictions(images, of('/ rw', '/data nosuid', '/proc/keys ro,noexec'))).toThrow('criu has restored /data without ro:')
  expect(() => checkRestrictions(images, of('/ rw', '/data ro,nosuid'))).toThrow('criu has restored /proc/keys without its mount:')
  // The upper one is seen.
  expect(() => checkRestrictions(images, of('/ rw', '/data ro,nosuid', '/proc/keys ro,noexec', '/proc/keys rw'))).toThrow('criu has restored /proc/keys without ro, noexec:')
})

test('images of another runtime say nothing of it', () => {
  expect(() => checkRestrictions(images, [])).not.toThrow()
})
