/** A field that a line of a file can be. */
export interface Field {
  /** Its place in the list of fields. */
  readonly index: number
  /** What its line begins with. */
  readonly start: string
  readonly property: string
}

// Files of one kernel have few shapes: a process, a kernel thread, a zombie. More steps than these are of no kernel.
const MOST_STEPS = 1024

/** An object that has these properties, made so that V8 keeps it as a struct: one grown property by property becomes a hash table. */
const template = (properties: readonly string[]): Record<string, unknown> =>
  JSON.parse(`{${properties.map((property) => `${JSON.stringify(property)}:null`).join()}}`) as Record<string, unknown>

/** The fields of a file so far, in its order; files with the same lines take the same steps. */
class Step<F extends Field> {
  /** Without one of them twice. */
  readonly fields: readonly F[]
  readonly children: (Step<F> | undefined)[] = []
  /** The field that came next the last time. */
  likely: F | undefined
  #template: Record<string, unknown> | undefined
  #complete = false

  constructor(fields: readonly F[]) {
    this.fields = fields
  }

  missing(needed: readonly F[]): F | undefined {
    if (this.#complete) return undefined
    const missing = needed.find((field) => !this.fields.includes(field))
    this.#complete = missing === undefined
    return missing
  }

  /** The properties of these fields and `unknown`, to be filled. */
  object(): Record<string, unknown> {
    this.#template ??= template([...this.fields.map(({ property }) => property), 'unknown'])
    return { ...this.#template }
  }
}

/** The fields of a kind of file, and the shapes that its files have had. */
export class FieldList<F extends Field> {
  readonly fields: readonly F[]
  readonly first = new Step<F>([])
  /** Of the file that is being parsed: one array for all, because a table of processes would make thousands. */
  readonly values: unknown[]
  #steps = 0

  constructor(fields: readonly F[]) {
    this.fields = fields
    this.values = new Array<unknown>(fields.length)
  }

  step(from: Step<F>, field: F): Step<F> {
    from.likely = field
    const known = from.children[field.index]
    if (known !== undefined) return known
    const step = new Step(from.fields.includes(field) ? from.fields : [...from.fields, field])
    if (this.#steps++ < MOST_STEPS) from.children[field.index] = step
    return step
  }
}

/** The fields of one file as they are found; one file of a kind at a time. */
export class FoundFields<F extends Field> {
  readonly #list: FieldList<F>
  #step: Step<F>

  constructor(list: FieldList<F>) {
    this.#list = list
    this.#step = list.first
  }

  /** The field whose line begins at a position. */
  at(text: string, from: number): F | undefined {
    const { likely } = this.#step
    if (likely !== undefined && text.startsWith(likely.start, from)) return likely
    return this.#list.fields.find(({ start }) => text.startsWith(start, from))
  }

  /** Of a field that is found twice, the last counts. */
  add(field: F, value: unknown): void {
    this.#list.values[field.index] = value
    this.#step = this.#list.step(this.#step, field)
  }

  /** The first of these that was not found. */
  missing(needed: readonly F[]): F | undefined {
    return this.#step.missing(needed)
  }

  /** An object with the fields that were found, in the file's order, and then `unknown`. */
  object(unknown: unknown): Record<string, unknown> {
    const { values } = this.#list
    const object = this.#step.object()
    for (const { index, property } of this.#step.fields) object[property] = values[index]
    object['unknown'] = unknown
    return object
  }
}
