/** What is compared: the 32 bits at an offset of struct seccomp_data, or those of them that a mask leaves. */
export interface Word {
  readonly offset: number
  readonly mask?: number
}

/** An end: what the filter returns. */
export interface Return {
  readonly id: number
  readonly returned: number
}

/** A question with two ways on; `set` asks whether any bit of `k` is set. */
export interface Test {
  readonly id: number
  readonly word: Word
  readonly op: 'eq' | 'gt' | 'ge' | 'set'
  readonly k: number
  readonly yes: Node
  readonly no: Node
}

export type Node = Return | Test

/** Makes nodes: equal ones are one and the same, and a question whose answer changes nothing is not asked. */
export class Graph {
  readonly #nodes = new Map<string, Node>()

  return(returned: number): Node {
    return this.#once(`${returned}`, (id) => ({ id, returned }))
  }

  test(word: Word, op: Test['op'], k: number, yes: Node, no: Node): Node {
    if (yes === no) return yes
    return this.#once(`${word.offset} ${word.mask} ${op} ${k} ${yes.id} ${no.id}`, (id) => ({ id, word, op, k, yes, no }))
  }

  #once(key: string, make: (id: number) => Node): Node {
    let node = this.#nodes.get(key)
    if (node === undefined) this.#nodes.set(key, (node = make(this.#nodes.size)))
    return node
  }
}
