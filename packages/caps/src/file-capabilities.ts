import { capabilities, sorted, type Capability } from './capability.ts'

/** What execve of a file gives: the extended attribute `security.capability`. See capabilities(7), File capabilities. */
export interface FileCapabilities {
  readonly permitted: readonly Capability[]
  readonly inheritable: readonly Capability[]
  /** All that becomes permitted is effective too: for programs that do not know about capabilities. */
  readonly effective: boolean
  /**
   * The user ID that is root in the user namespace where they count, as numbered in the namespace of whoever reads or writes them; absent,
   * they count in the one that the file system belongs to. Since Linux 4.14 (revision 3).
   */
  readonly rootId?: number
}

/** What was found in a file: which revision of the attribute, and bits that have no name here. */
export interface FoundFileCapabilities extends FileCapabilities {
  readonly revision: 1 | 2 | 3
  /** Capabilities of a kernel newer than this list, by number, in either set. */
  readonly unknown: readonly number[]
}

// linux/capability.h
const revisions = [{ revision: 1, bytes: 12, words: 1 }, { revision: 2, bytes: 20, words: 2 }, { revision: 3, bytes: 24, words: 2 }] as const
const effectiveFlag = 1
const revisionShift = 24

/**
 * The capabilities in the value of a `security.capability` attribute, of any of its three revisions.
 *
 * @throws SyntaxError it is not one: wrong length for its revision, or flags that there are none of
 */
export function decodeFileCapabilities(value: Uint8Array): FoundFileCapabilities {
  const view = new DataView(value.buffer, value.byteOffset, value.byteLength)
  const magic = value.byteLength >= 4 ? view.getUint32(0, true) : 0
  const found = revisions.find(({ revision }) => revision === magic >>> revisionShift)
  if (found === undefined || value.byteLength !== found.bytes || (magic & 0xffffff & ~effectiveFlag) !== 0) {
    const hex = [...value.subarray(0, 24)].map((byte) => byte.toString(16).padStart(2, '0')).join('')
    throw new SyntaxError(`${value.byteLength} bytes ${hex} are not the value of security.capability`)
  }
  const bits = (first: number): number[] => Array.from({ length: 32 * found.words }, (_, bit) => bit).filter((bit) => (view.getUint32(first + 8 * (bit >> 5), true) >>> (bit & 31)) & 1)
  const [permitted, inheritable] = [bits(4), bits(8)]
  const named = (numbers: readonly number[]) => numbers.flatMap((bit) => capabilities[bit] ?? [])
  return {
    revision: found.revision, permitted: named(permitted), inheritable: named(inheritable), effective: (magic & effectiveFlag) !== 0,
    unknown: [...new Set([...permitted, ...inheritable])].filter((bit) => capabilities[bit] === undefined).sort((a, b) => a - b),
    ...(found.revision === 3 ? { rootId: view.getUint32(20, true) } : {}),
  }
}

/**
 * The value of a `security.capability` attribute: revision 3 where it has a root user, else revision 2, which the kernel turns into 3 itself when
 * it is written in another user namespace than the file system's.
 *
 * @throws RangeError the user ID is out of range
 * @throws TypeError one of them is not a capability
 */
export function encodeFileCapabilities({ permitted, inheritable, effective, rootId }: FileCapabilities): Uint8Array {
  if (rootId !== undefined && (!Number.isInteger(rootId) || rootId < 0 || rootId > 2 ** 32 - 2)) throw new RangeError(`Cannot write capabilities for user ${rootId}: an ID is an integer from 0 to ${2 ** 32 - 2}`)
  const { revision, bytes } = rootId === undefined ? revisions[1] : revisions[2]
  const view = new DataView(new ArrayBuffer(bytes))
  view.setUint32(0, revision * 2 ** revisionShift + (effective ? effectiveFlag : 0), true)
  for (const [first, names] of [[4, permitted], [8, inheritable]] as const) {
    for (const name of sorted(checked(names))) {
      const bit = capabilities.indexOf(name)
      const at = first + 8 * (bit >> 5)
      view.setUint32(at, (view.getUint32(at, true) | (1 << (bit & 31))) >>> 0, true)
    }
  }
  if (rootId !== undefined) view.setUint32(20, rootId, true)
  return new Uint8Array(view.buffer)
}

function checked(names: readonly Capability[]): readonly Capability[] {
  for (const name of names) if (!capabilities.includes(name)) throw new TypeError(`There is no capability ${JSON.stringify(name)}`)
  return names
}
