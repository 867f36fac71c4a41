import { constant } from '../constant.ts'
import { families, type Constant } from '../families.ts'
import { quote, type Param } from './param.ts'
import { one } from './flags.ts'

/** Signals by name, or every signal there is. */
export type SignalSet = readonly Constant<'signal'>[] | '~[]'

/** Real-time signals are 32 to 64: a full set is all 64 bits. */
const every = 2n ** 64n - 1n

function bits(set: SignalSet): bigint {
  return set === '~[]' ? every : set.reduce((sum, name) => sum | (1n << BigInt(constant(name) - 1)), 0n)
}

/** A kernel sigset_t (8 bytes on both architectures) and its size. strace drops the SIG of each name: `[HUP TTOU]`. */
export function sigset(name: string): Param<SignalSet> {
  return {
    name,
    check: (value) => {
      if (value === '~[]') return
      if (!Array.isArray(value)) throw new TypeError(`${name} must be an array of signals or '~[]', not ${quote(value)}`)
      for (const item of value) if (!(families.signal as readonly unknown[]).includes(item)) throw new TypeError(`${name} holds ${quote(item)}, which is no signal`)
    },
    print: (value) => setText(value),
    encode: (value, memory) => [memory.place(new Uint8Array(BigUint64Array.of(bits(value)).buffer))],
  }
}

function setText(value: SignalSet): string {
  return value === '~[]' ? value : `[${[...value].sort((a, b) => constant(a) - constant(b)).map((s) => s.slice(3)).join(' ')}]`
}

/** struct sigaction with an empty mask and no flags: what is needed to take a handler away. */
export function sigaction(name: string): Param<Constant<'sighandler'>> {
  const inner = one(name, 'sighandler')
  return {
    ...inner,
    print: (value) => `{sa_handler=${value}, sa_mask=[], sa_flags=0}`,
    // handler, flags, restorer, mask: four words (asm-generic/signal.h)
    encode: (value, memory) => [memory.place(new Uint8Array(BigUint64Array.of(BigInt(constant(value)), 0n, 0n, 0n).buffer))],
  }
}
