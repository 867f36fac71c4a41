/**
 * Writes the distance to a label into an instruction that is already in place.
 *
 * @param code the whole code
 * @param at where the instruction starts
 * @param distance from the start of the instruction to the label, in bytes
 * @returns whether the distance fits
 */
export type Patch = (code: DataView, at: number, distance: number) => boolean

/** Bytes that grow at the end, and labels in them that may be used before they are defined. */
export interface Stream {
  readonly length: number
  put(bytes: ArrayLike<number>): void
  refer(bytes: ArrayLike<number>, label: string, patch: Patch): void
  label(name: string): void
  code(): Uint8Array
}

/** Starts an empty stream. */
export function stream(): Stream {
  let buffer = new Uint8Array(1024)
  let length = 0
  const labels = new Map<string, number>()
  const references: { at: number; label: string; patch: Patch }[] = []

  const put = (bytes: ArrayLike<number>): void => {
    if (length + bytes.length > buffer.length) {
      const larger = new Uint8Array(2 * (length + bytes.length))
      larger.set(buffer)
      buffer = larger
    }
    buffer.set(bytes, length)
    length += bytes.length
  }

  return {
    get length() {
      return length
    },
    put,
    refer(bytes, label, patch) {
      references.push({ at: length, label, patch })
      put(bytes)
    },
    label(name) {
      if (labels.has(name)) throw new Error(`Cannot define label ${JSON.stringify(name)} twice`)
      labels.set(name, length)
    },
    code() {
      const code = buffer.slice(0, length)
      const view = new DataView(code.buffer)
      for (const { at, label, patch } of references) {
        const target = labels.get(label)
        if (target === undefined) throw new Error(`Cannot find label ${JSON.stringify(label)}: it is never defined`)
        if (!patch(view, at, target - at))
          throw new RangeError(`Cannot reach label ${JSON.stringify(label)}: ${target - at} bytes away from the instruction`)
      }
      return code
    },
  }
}
