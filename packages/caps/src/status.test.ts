import { expect, test } from 'vitest'
import { parseStatus } from './index.ts'

const text = `Name:\tcat
CapInh:\t0000000000000000
CapPrm:\t0000000000000003
CapEff:\t0000000000000001
CapBnd:\t0000000000000023
CapAmb:\t0000000000000000
NoNewPrivs:\t1
Seccomp:\t2
`

test('reads the five sets and no_new_privs', () => {
  expect(parseStatus(text)).toEqual({ inheritable: [], permitted: ['CAP_CHOWN', 'CAP_DAC_OVERRIDE'], effective: ['CAP_CHOWN'], bounding: ['CAP_CHOWN', 'CAP_DAC_OVERRIDE', 'CAP_KILL'], ambient: [], noNewPrivs: true })
})

test('names the line that is missing', () => {
  expect(() => parseStatus(text.replace(/^CapBnd.*\n/m, ''))).toThrow(new SyntaxError('status has no line CapBnd'))
})
