import { describe, expect, test } from 'vitest'
import { annotatedProperties, annotationRefused } from './annotated-properties.ts'

const annotated = (name: string, text: string) => annotatedProperties(new Map([['org.systemd.property.' + name, text]]))

describe('properties that annotations name', () => {
  test.each([
    ['TimeoutStopUSec', 'uint64 123456789', 'TimeoutStopUSec', 't', 123456789n], ['CollectMode', "'inactive-or-failed'", 'CollectMode', 's', 'inactive-or-failed'], ['KillSignal', '15', 'KillSignal', 'i', 15], ['IPAccounting', 'true', 'IPAccounting', 'b', true],
    ...['456', 'byte 200', 'int16 456', 'uint16 456', 'uint32 456', 'int64 456', 'uint64 456'].map((text) => ['TimeoutStopSec', text, 'TimeoutStopUSec', 't', BigInt(text.split(' ').at(-1)!) * 1_000_000n] as const),
    ['TimeoutStopSec', '234.789', 'TimeoutStopUSec', 't', 234_789_000n],
    // No unit of time, and no name in front of it.
    ['FOOSec', '123', 'FOOSec', 'i', 123], ['Sec', '123', 'Sec', 'i', 123], ['TimeoutStopUSec', '5', 'TimeoutStopUSec', 'i', 5],
  ] as const)('%s = %s', (name, text, property, signature, value) => expect(annotated(name, text)).toEqual([[property, { signature, value }]]))

  test('others are none', () => expect(annotatedProperties(new Map([['some.other', '0'], ['org.systemd.propertyXyz', '0']]))).toEqual([]))
  test('and there need not be any', () => expect(annotatedProperties()).toEqual([]))

  test.each([
    ['Xo', '1', 'annotations["org.systemd.property.Xo"]: "Xo" is no name of a property'], ['Number1', '1', '"Number1" is no name'], ['', '1', '"" is no name'],
    ['ValidName', 'invalid-value', 'annotations["org.systemd.property.ValidName"]: "invalid-value" is no value in the text format of GVariant'],
    ['TimeoutStopSec', 'false', 'not a number of seconds'], ['TimeoutStopSec', "'covfefe'", 'not a number of seconds'], ['TimeoutStopSec', '-1', 'fewer than none'], ['TimeoutStopSec', 'nan', 'fewer than none'], ['TimeoutStopSec', 'uint64 18446744073709551615', 'more seconds than'],
    ['Slice', "'system.slice'", 'Slice follows from linux.cgroupsPath'], ['PIDs', '@au [1]', 'PIDs follows from'],
  ])('%s = %s is wrong', (name, text, problem) => expect(() => annotated(name, text)).toThrow(problem))
})

test('the annotation that systemd speaks of', () => {
  const given = ['FooBar', 'org.systemd.property.FooBar', 'org.systemd.property.RuntimeMaxSec']
  expect(annotationRefused(given, 'Cannot set property FooBar, or unknown property.')).toBe('org.systemd.property.FooBar')
  expect(annotationRefused(given, 'RuntimeMaxUSec= is wrong')).toBe('org.systemd.property.RuntimeMaxSec')
  expect(annotationRefused(given, 'Unit x.scope was already loaded')).toBeUndefined()
})
