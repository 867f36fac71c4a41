import { describe, expect, test } from 'vitest'
import { marshal } from './marshal.ts'
import { decodeMessage, encodeMessage } from './message.ts'
import { limitProperties, scopeProperties } from './properties.ts'

// Captured by strace -xx from `systemd-run --scope -p MemoryMax=64M cat /proc/self/cgroup` (Debian's systemd 252), at /run/systemd/private.
const asked = Buffer.from(
  'bAEEAbgAAAABAAAAtgAAAAEBbwAZAAAAL29yZy9mcmVlZGVza3RvcC9zeXN0ZW1kMQAAAAAAAAADAXMAEgAAAFN0YXJ0VHJhbnNpZW50VW5pdAAAAAAAAAIBcwAgAAAAb3JnLmZyZWVkZXNrdG9wLnN5c3RlbWQxLk1hbmFnZXIAAAAAAAAAAAYBcwAYAAAA'
  + 'b3JnLmZyZWVkZXNrdG9wLnN5c3RlbWQxAAAAAAAAAAAIAWcAEHNzYShzdilhKHNhKHN2KSkAAAArAAAAcnVuLXJhNDkzN2E1MGYyOWI0NTBkOTcwYWViOTJlYzBlMThjMS5zY29wZQAEAAAAZmFpbAAAAABwAAAACwAAAERlc2NyaXB0aW9uAAFzAAAeAAAA'
  + 'L3Vzci9iaW4vY2F0IC9wcm9jL3NlbGYvY2dyb3VwAAAJAAAATWVtb3J5TWF4AAF0AAAAAAAAAAAAAAAEAAAAAAQAAABQSURzAAJhdQAAAAAEAAAAHQAAAAAAAAAAAAAA', 'base64')
const answered = Buffer.from('bAIBASQAAAADAAAANwAAAAUBdQABAAAABwFzABgAAABvcmcuZnJlZWRlc2t0b3Auc3lzdGVtZDEAAAAAAAAAAAgBZwABbwAAHwAAAC9vcmcvZnJlZWRlc2t0b3Avc3lzdGVtZDEvam9iLzIA', 'base64')
const told = Buffer.from(
  'bAQBAWEAAAAKAAAAogAAAAEBbwAZAAAAL29yZy9mcmVlZGVza3RvcC9zeXN0ZW1kMQAAAAAAAAACAXMAIAAAAG9yZy5mcmVlZGVza3RvcC5zeXN0ZW1kMS5NYW5hZ2VyAAAAAAAAAAADAXMACgAAAEpvYlJlbW92ZWQAAAAAAAAHAXMAGAAAAG9yZy5mcmVl'
  + 'ZGVza3RvcC5zeXN0ZW1kMQAAAAAAAAAACAFnAAR1b3NzAAAAAAAAAAIAAAAfAAAAL29yZy9mcmVlZGVza3RvcC9zeXN0ZW1kMS9qb2IvMgArAAAAcnVuLXJhNDkzN2E1MGYyOWI0NTBkOTcwYWViOTJlYzBlMThjMS5zY29wZQAEAAAAZG9uZQA=', 'base64')

const signature = 'ssa(sv)a(sa(sv))'
const unit = 'run-ra4937a50f29b450d970aeb92ec0e18c1.scope'
const body = [unit, 'fail', [['Description', { signature: 's', value: '/usr/bin/cat /proc/self/cgroup' }], ['MemoryMax', { signature: 't', value: 2n ** 26n }], ['PIDs', { signature: 'au', value: [29] }]], []]
const call = { kind: 'call', path: '/org/freedesktop/systemd1', interface: 'org.freedesktop.systemd1.Manager', member: 'StartTransientUnit', destination: 'org.freedesktop.systemd1' } as const

describe('messages that systemd and its own client have sent each other', () => {
  test('a call', () => {
    expect(decodeMessage(asked)).toEqual({ length: asked.length, message: { ...call, serial: 1, signature, body } })
    expect(marshal(signature, body)).toEqual(asked.subarray(-184))
  })

  test('its answer, and a signal', () => {
    const job = '/org/freedesktop/systemd1/job/2'
    expect(decodeMessage(answered)?.message).toMatchObject({ kind: 'return', replyTo: 1, body: [job] })
    expect(decodeMessage(told)?.message).toMatchObject({ kind: 'signal', member: 'JobRemoved', body: [2, job, unit, 'done'] })
  })

  test('one comes in parts, or with another behind it', () => {
    for (const length of [0, 15, 16, 107]) expect(decodeMessage(answered.subarray(0, length))).toBeUndefined()
    expect(decodeMessage(Buffer.concat([answered, told]))?.length).toBe(answered.length)
  })
})

test('what we send is what it means', () => {
  const properties = [...scopeProperties({ description: 'x', slice: '-.slice', pid: 4711 }), ...limitProperties([{ controller: 'cpuset', file: 'cpuset.cpus', value: '0-1,9' }])]
  const message = { ...call, serial: 7, signature, body: ['a.scope', 'replace', properties, []] }
  expect(decodeMessage(encodeMessage(message))?.message).toEqual(message)
})

test('what is no message, and what is longer than any', () => {
  const [other, long] = [Buffer.from(answered), Buffer.from(answered)]
  other[0] = 'B'.charCodeAt(0)
  long.writeUInt32LE(2 ** 31, 4)
  expect(() => decodeMessage(other)).toThrow('not a message of D-Bus in little-endian order')
  expect(() => decodeMessage(long)).toThrow('is too long')
})
