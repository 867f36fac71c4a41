import type { Test, Word } from './graph.ts'

interface Range {
  readonly from: number
  readonly to: number
}

/** What is known of the words of a call once some questions about them have been answered: the range that each is in. */
export class Facts {
  readonly #ranges: ReadonlyMap<number, Range>
  constructor(ranges: ReadonlyMap<number, Range> = new Map()) {
    this.#ranges = ranges
  }

  /** The answer, where it follows from what is known. */
  answer(word: Word, op: Test['op'], k: number): boolean | undefined {
    if (word.mask !== undefined || op === 'set') return undefined
    const yes = this.#with(word, op, k, true)
    const no = this.#with(word, op, k, false)
    return yes === undefined ? false : no === undefined ? true : undefined
  }

  /** What is known after the answer. */
  after(word: Word, op: Test['op'], k: number, answer: boolean): Facts {
    if (word.mask !== undefined || op === 'set') return this
    return new Facts(new Map([...this.#ranges, [word.offset, this.#with(word, op, k, answer)!]]))
  }

  #with({ offset }: Word, op: Test['op'], k: number, answer: boolean): Range | undefined {
    let { from, to } = this.#ranges.get(offset) ?? { from: 0, to: 0xffffffff }
    if (op === 'eq') {
      if (answer) [from, to] = k < from || k > to ? [1, 0] : [k, k]
      else if (k === from) from++
      else if (k === to) to--
    } else {
      const least = op === 'ge' ? k : k + 1
      if (answer) from = Math.max(from, least)
      else to = Math.min(to, least - 1)
    }
    return from > to ? undefined : { from, to }
  }
}
