import fc from 'fast-check'
import { expect, test } from 'vitest'
import { addAddress, addressText, isPermanentGlobal, parseAddress } from './address.ts'
import { encodeAttributes, parseAttributes, u32 } from './attributes.ts'
import { getLink, moveLink, parseLink, setLinkUp } from './link.ts'
import { encodeRequest, errnoOf, isLast, parseMessages } from './message.ts'

// What ip of iproute2 6.1.0 sent and Linux 6.18 answered, by strace -e trace=sendmsg,recvmsg -e write=3 -e read=3:
//   ip link add va type veth peer name vb
const sequence = 0x6b0c1235
const ip = {
  'link set va netns other name inner': '340000001000050035120c6b000000000000000003000000000000000000000008001c00040000000a000300696e6e6572000000',
  'address add 10.1.0.1/24 brd 10.1.0.255 dev vb': '300000001400050635120c6b000000000218000002000000080002000a010001080004000a0100ff080001000a010001',
  'address add fd01::1/64 dev vb': '400000001400050635120c6b000000000a4000000200000014000200fd01000000000000000000000000000114000100fd010000000000000000000000000001',
  'link set vb up': '200000001000050035120c6b0000000000000000020000000100000001000000',
}
const kernel = {
  done: '240000000200000135120c6b6a31000000000000340000001000050035120c6b00000000',
  // ip link set vb netns 999999
  noSuchProcess: '3c0000000200000035120c6b8c310000fdffffff280000001000050035120c6b0000000000000000020000000000000000000000080013003f420f00',
  // The first of the answer to ip link show dev vb, up to its third attribute.
  link: '380000001000000035120c6b8131000000000100020000000310000000000000070003007662000008000d00e80300000500100003000000',
  // ip address show dev vb, after ip address add 10.1.0.2/24 valid_lft 1000 preferred_lft 900 dev vb; ip address add 10.2.0.1 peer 10.2.0.9/32 dev vb label vb:x
  addresses: '540000001400220036120c6b853100000218800002000000080001000a010001080002000a010001080004000a0100ff0700030076620000080008008000000014000600ffffffffffffffffebb00100ebb00100'
    + '500000001400220036120c6b853100000220800002000000080001000a020009080002000a0200010900030076623a7800000000080008008000000014000600fffffffffffffffff0b00100f0b00100'
    + '4c0000001400220036120c6b853100000218010002000000080001000a010002080002000a010002070003007662000008000800010000001400060084030000e8030000f0b00100f0b00100'
    + '480000001400220036120c6b853100000a40c0000200000014000100fd01000000000000000000000000000114000600ffffffffffffffffedb00100edb0010008000800c0000000',
  end: '140000000300220036120c6b8531000000000000',
}
const bytes = (hex: string) => Uint8Array.from(Buffer.from(hex, 'hex'))
const hex = (of: Uint8Array) => Buffer.from(of).toString('hex')
const [va, vb] = [{ index: 3, name: 'va', up: false }, { index: 2, name: 'vb', up: true }]
const addresses = () => parseMessages(bytes(kernel.addresses)).map(({ body }) => parseAddress(body))

test('a move is what ip sends, and the number besides', () => {
  const sent = encodeRequest(moveLink(va, { netns: 4, to: 'other', newName: 'inner', newIndex: 7 }), sequence)
  expect(hex(sent)).toBe(`3c${ip['link set va netns other name inner'].slice(2)}0800310007000000`)
  expect(moveLink(va, { netns: 4, to: 'other', newName: 'inner', newIndex: 7 }).command).toBe('ip link set va netns other name inner')
  expect(hex(moveLink(va, { netns: 4, to: 'other', newIndex: 3 }).body)).not.toContain(hex(new TextEncoder().encode('va')))
})

test('up is what ip sends', () => expect(hex(encodeRequest(setLinkUp(vb), sequence))).toBe(ip['link set vb up']))

test('a device is asked for by its name or by its number', () => {
  expect(hex(getLink({ name: 'vb' }).body)).toBe(`${'00'.repeat(16)}0700030076620000`)
  expect(hex(getLink({ index: 2 }).body)).toBe(`0000000002000000${'00'.repeat(8)}`)
})

test.each(['address add 10.1.0.1/24 brd 10.1.0.255 dev vb', 'address add fd01::1/64 dev vb'] as const)('ip %s: read from its bytes and written again, it is the same', (command) => {
  const sent = bytes(ip[command])
  expect(hex(encodeRequest(addAddress(vb, parseAddress(sent.subarray(16)), 'vb'), sequence))).toBe(ip[command])
})

test('an answer is a link, or addresses, of which some are permanent and valid everywhere', () => {
  expect(parseLink(parseMessages(bytes(kernel.link))[0]!.body)).toEqual({ index: 2, name: 'vb', up: true })
  expect(addresses().map((address) => [addressText(address), address.index, isPermanentGlobal(address)])).toEqual([
    ['10.1.0.1/24', 2, true], ['10.2.0.1 peer 10.2.0.9/32', 2, true], ['10.1.0.2/24', 2, false], ['fd01:0:0:0:0:0:0:1/64', 2, true],
  ])
  expect(isPermanentGlobal({ ...addresses()[0]!, scope: 253 })).toBe(false)
})

test('on another device an address has another number, and its label another name', () => {
  const label = (name: string, i: number) => Buffer.from(addAddress({ index: 9, name, up: false }, addresses()[i]!, 'vb').body).toString('latin1')
  expect(label('inner', 0)).toContain('inner\0')
  expect(label('inner', 1)).toContain('inner:x\0')
  // One that would be too long is left out.
  expect(label('fifteen-letters', 1)).toMatch(/fifteen-letters\0/)
  expect(parseAddress(addAddress({ index: 9, name: 'inner', up: false }, addresses()[1]!, 'vb').body).index).toBe(9)
})

test('the last message of an answer says how it went', () => {
  const last = (text: string) => parseMessages(bytes(text)).at(-1)!
  expect([kernel.done, kernel.noSuchProcess, kernel.end].map((text) => [isLast(last(text)), errnoOf(last(text))])).toEqual([[true, undefined], [true, 'ESRCH'], [true, undefined]])
  expect(isLast(last(kernel.addresses))).toBe(false)
})

test('a value too long for its length is refused: the rest would be other attributes', () => {
  expect(encodeAttributes([[1, new Uint8Array(65531)]]).length).toBe(65536)
  expect(() => encodeAttributes([[1, new Uint8Array(65532)]])).toThrow('Attribute 1 has 65532 bytes: 65531 are the most')
})

test('attributes are read as they were written', () => {
  const attributes = fc.uniqueArray(fc.tuple(fc.integer({ min: 0, max: 0x3fff }), fc.uint8Array({ maxLength: 40 })), { selector: ([type]) => type })
  fc.assert(fc.property(attributes, (all) => { expect([...parseAttributes(encodeAttributes(all))].map(([type, value]) => [type, hex(value)])).toEqual(all.map(([type, value]) => [type, hex(value)])) }))
})

test('lengths that lead nowhere are errors, whatever else is in the bytes', () => {
  expect(() => parseAttributes(Uint8Array.of(3, 0, 1, 0))).toThrow('An attribute at byte 0 of 4 has the length 3')
  expect(() => parseMessages(bytes(kernel.done).subarray(0, 30))).toThrow('A message at byte 0 of 30 has the length 36')
  expect(() => parseMessages(new Uint8Array(16))).toThrow('A message at byte 0 of 16 has the length 0')
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (noise) => {
    for (const read of [parseAttributes, parseMessages]) {
      try {
        read(noise)
      } catch (error) {
        expect(error).toBeInstanceOf(RangeError)
      }
    }
  }))
})

test('numbers have the order of the machine', () => expect(hex(u32(0x01020304))).toBe('04030201'))
