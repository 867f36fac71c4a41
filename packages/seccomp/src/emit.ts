import type { Node, Test } from './graph.ts'
import { code, mostInstructions, type Instruction } from './instruction.ts'

/** Jumps of a test are at most this long; further on, an unconditional one carries. */
const longest = 255

/**
 * The instructions of a graph, from its root. Written from the last one to the first, so that the place of whatever is jumped to is known.
 *
 * @throws RangeError the kernel does not take so many
 */
export function emit(root: Node): Instruction[] {
  const writer = new Writer()
  writer.place(root, undefined)
  const instructions = writer.reversed.reverse()
  if (instructions.length > mostInstructions) throw new RangeError(`Cannot install a filter of ${instructions.length} instructions: the kernel takes ${mostInstructions}`)
  return instructions
}

class Writer {
  readonly reversed: Instruction[] = []
  /** How many instructions had been written when the node had been, by node and by whether its word is loaded already. */
  readonly #places = new Map<string, number>()

  /** Writes the node unless it is there, and returns its place. */
  place(node: Node, loaded: string | undefined): number {
    const key = keyOf(node, loaded)
    const known = this.#places.get(key)
    return known ?? this.#write(node, loaded)
  }

  #write(node: Node, loaded: string | undefined): number {
    if ('returned' in node) this.#put([code.return, 0, 0, node.returned])
    else {
      this.#writeTest(node)
      const own = wordKey(node)
      this.#places.set(keyOf(node, own), this.reversed.length)
      if (loaded !== own) {
        if (node.word.mask !== undefined) this.#put([code.and, 0, 0, node.word.mask])
        this.#put([code.load, 0, 0, node.word.offset])
      }
    }
    this.#places.set(keyOf(node, loaded), this.reversed.length)
    return this.reversed.length
  }

  #writeTest(test: Test): void {
    const own = wordKey(test)
    this.place(test.no, own)
    this.place(test.yes, own)
    // What is brought near takes a place itself, which can put the other one out of reach.
    for (;;) {
      const yes = this.reversed.length - this.place(test.yes, own)
      const no = this.reversed.length - this.place(test.no, own)
      if (yes <= longest && no <= longest) return this.#put([code[test.op], yes, no, test.k])
      this.#bringNear(yes > longest ? test.yes : test.no, own)
    }
  }

  /** A return is as short as a jump to it. */
  #bringNear(node: Node, loaded: string): void {
    const away = this.reversed.length - this.place(node, loaded)
    this.#put('returned' in node ? [code.return, 0, 0, node.returned] : [code.jump, 0, 0, away])
    this.#places.set(keyOf(node, loaded), this.reversed.length)
  }

  #put(instruction: Instruction): void {
    this.reversed.push(instruction)
  }
}

const wordKey = ({ word }: Test): string => (word.mask === undefined ? `${word.offset}` : `${word.offset}&${word.mask}`)

/** A return needs nothing loaded; a test is another place where its word is loaded already. */
function keyOf(node: Node, loaded: string | undefined): string {
  return 'returned' in node ? `${node.id}` : `${node.id} ${wordKey(node) === loaded}`
}
