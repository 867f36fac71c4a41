import { capabilities, type Capability } from './capability.ts'

/**
 * The capabilities in a set as /proc/PID/status shows it, such as `00000000a80425fb`.
 *
 * A bit that has no name here, of a kernel newer than this list, is left out.
 *
 * @throws SyntaxError the text is not a hexadecimal number of at most 64 bits
 * @example
 * decode('0000000000000401') // ['CAP_CHOWN', 'CAP_NET_BIND_SERVICE']
 */
export function decode(hexMask: string): Capability[] {
  if (!/^(0x)?[\da-fA-F]{1,16}$/.test(hexMask)) throw new SyntaxError(`${JSON.stringify(hexMask)} is not a capability mask`)
  const digits = hexMask.replace('0x', '').padStart(16, '0')
  const [high, low] = [Number.parseInt(digits.slice(0, 8), 16), Number.parseInt(digits.slice(8), 16)]
  return capabilities.filter((_name, bit) => ((bit < 32 ? low >>> bit : high >>> (bit - 32)) & 1) === 1)
}

/**
 * The set as 16 hexadecimal digits, as /proc/PID/status shows it.
 *
 * @throws TypeError one of them is not a capability
 */
export function encode(names: readonly Capability[]): string {
  let mask = 0n
  for (const name of names) {
    const bit = capabilities.indexOf(name)
    if (bit < 0) throw new TypeError(`There is no capability ${JSON.stringify(name)}`)
    mask |= 1n << BigInt(bit)
  }
  return mask.toString(16).padStart(16, '0')
}
