import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { executable, ownMachine } from './executable.ts'

test.each([
  ['#!/bin/sh\necho\n', '/bin/sh', false], ['#! /usr/bin/env node\n', '/usr/bin/env', false], ['#!/bin/sh\r\necho\r\n', '/bin/sh', true], ['#!/opt/x', '/opt/x', false], ['#!\n', '', false],
])('%j', (text, interpreter, carriageReturn) => {
  expect(executable(Buffer.from(text))).toEqual({ kind: 'script', interpreter, carriageReturn })
})

test('a program of this machine names its loader', () => {
  expect(executable(readFileSync('/bin/sh').subarray(0, 8192))).toEqual({ kind: 'elf', machine: ownMachine, loader: expect.stringMatching(/^\/lib/) })
})

test.each(['', 'echo hello\n', '\x7fELF', 'MZ'])('%j is neither', (text) => {
  expect(executable(Buffer.from(text, 'latin1'))).toEqual({ kind: 'other' })
})

test('a header that points outside of the file is no trouble', () => {
  const head = Buffer.from(readFileSync('/bin/sh').subarray(0, 8192))
  head.writeBigUInt64LE(0xffff_ffffn, 32)
  expect(executable(head)).toMatchObject({ kind: 'elf', loader: undefined })
})
