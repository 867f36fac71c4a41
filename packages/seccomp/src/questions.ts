import type { Width } from './argument-width.ts'
import type { Condition } from './condition.ts'
import { Facts } from './facts.ts'
import type { Graph, Node, Test, Word } from './graph.ts'
import { offset } from './instruction.ts'
import type { Alternative } from './rules.ts'

/** The way on, given what is known by then. */
type Next = (facts: Facts) => Node

/** The questions that find the first of the alternatives that holds, else lead to `otherwise`. */
export function questions(graph: Graph, alternatives: readonly Alternative[], otherwise: Node, widths: (index: number) => Width): Node {
  const conditions = alternatives.reduce((sum, each) => sum + each.conditions.length, 0)
  // Following what is known leaves questions out, but can write what comes after a failed one several times. Where that is too much, each
  // alternative is written once, whatever is known when it is reached.
  return withFacts(graph, alternatives, otherwise, widths, 8 * conditions + 64) ?? withoutFacts(graph, alternatives, otherwise, widths)
}

function withFacts(graph: Graph, alternatives: readonly Alternative[], otherwise: Node, widths: (index: number) => Width, budget: number): Node | undefined {
  if (alternatives.length > 200) return undefined
  let asked = 0
  const ask = (word: Word, op: Test['op'], k: number, yes: Next, no: Next): Next => (facts) => {
    const known = facts.answer(word, op, k)
    if (known !== undefined) return known ? yes(facts) : no(facts)
    if (++asked > budget) return otherwise
    return graph.test(word, op, k, yes(facts.after(word, op, k, true)), no(facts.after(word, op, k, false)))
  }
  const from = (index: number): Next => {
    const alternative = alternatives[index]
    if (alternative === undefined) return () => otherwise
    const found = graph.return(alternative.returned)
    const no: Next = (facts) => from(index + 1)(facts)
    return alternative.conditions.reduceRight<Next>((yes, condition) => compare(condition, widths(condition.index), yes, no, ask), () => found)
  }
  const node = from(0)(new Facts())
  return asked > budget ? undefined : node
}

function withoutFacts(graph: Graph, alternatives: readonly Alternative[], otherwise: Node, widths: (index: number) => Width): Node {
  const nothing = new Facts()
  const ask = (word: Word, op: Test['op'], k: number, yes: Next, no: Next): Next => () => graph.test(word, op, k, yes(nothing), no(nothing))
  return alternatives.reduceRight<Node>((no, { conditions, returned }) =>
    conditions.reduceRight<Node>((yes, condition) => compare(condition, widths(condition.index), () => yes, () => no, ask)(nothing), graph.return(returned)), otherwise)
}

type Ask = (word: Word, op: Test['op'], k: number, yes: Next, no: Next) => Next

/** A comparison of 64 bits in halves of 32: the upper ones decide unless they are equal. Of 32 bits, there is only the lower half. */
function compare({ index, op, value, wanted }: Condition, bits: Width, yes: Next, no: Next, ask: Ask): Next {
  const low: Word = { offset: offset.low(index) }
  const high: Word = { offset: offset.high(index) }
  const [l, h] = halves(value)
  const wide = bits === 64
  switch (op) {
    case 'SCMP_CMP_NE': return compare({ index, op: 'SCMP_CMP_EQ', value, wanted }, bits, no, yes, ask)
    case 'SCMP_CMP_LT': return compare({ index, op: 'SCMP_CMP_GE', value, wanted }, bits, no, yes, ask)
    case 'SCMP_CMP_LE': return compare({ index, op: 'SCMP_CMP_GT', value, wanted }, bits, no, yes, ask)
    case 'SCMP_CMP_EQ': {
      const lower = ask(low, 'eq', l, yes, no)
      return wide ? ask(high, 'eq', h, lower, no) : h === 0 ? lower : no
    }
    case 'SCMP_CMP_GT': case 'SCMP_CMP_GE': {
      const lower = ask(low, op === 'SCMP_CMP_GT' ? 'gt' : 'ge', l, yes, no)
      if (!wide) return h === 0 ? lower : no
      // Nothing is above the largest, and nothing below 0.
      if (h === 0xffffffff) return ask(high, 'eq', h, lower, no)
      return h === 0 ? ask(high, 'eq', 0, lower, yes) : ask(high, 'gt', h, yes, ask(high, 'eq', h, lower, no))
    }
    case 'SCMP_CMP_MASKED_EQ': {
      const [lowWanted, highWanted] = halves(wanted & value)
      const lower = masked(low, l, lowWanted, yes, no, ask)
      return wide ? masked(high, h, highWanted, lower, no, ask) : highWanted === 0 ? lower : no
    }
  }
}

/** The bits of the mask are as wanted. */
function masked(word: Word, mask: number, wanted: number, yes: Next, no: Next, ask: Ask): Next {
  if (mask === 0) return yes
  if (mask === 0xffffffff) return ask(word, 'eq', wanted, yes, no)
  if (wanted === 0) return ask(word, 'set', mask, no, yes)
  // A single bit: it is set.
  if (wanted === mask && (mask & (mask - 1)) === 0) return ask(word, 'set', mask, yes, no)
  return ask({ ...word, mask }, 'eq', wanted, yes, no)
}

const halves = (value: bigint): [low: number, high: number] => [Number(value & 0xffffffffn), Number(value >> 32n)]
