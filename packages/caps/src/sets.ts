import { capabilities, sorted, type Capability } from './capability.ts'

/** The five sets of a thread, each on its own. See capabilities(7), Thread capability sets. */
export interface CapabilitySets {
  /** The limit on what execve can give. */
  readonly bounding: readonly Capability[]
  /** What the thread may make effective. */
  readonly permitted: readonly Capability[]
  /** What the kernel looks at: a part of the permitted ones. */
  readonly effective: readonly Capability[]
  /** What execve keeps if the file has it too. */
  readonly inheritable: readonly Capability[]
  /** What execve of an ordinary file keeps: a part of the permitted and of the inheritable ones. */
  readonly ambient: readonly Capability[]
}

export const setNames = ['bounding', 'permitted', 'effective', 'inheritable', 'ambient'] as const satisfies readonly (keyof CapabilitySets)[]

/** `process.capabilities` of an OCI config.json: a set that is absent is empty. */
export type OciCapabilities = { readonly [Set in keyof CapabilitySets]?: readonly string[] | null | undefined }

/** What there is to give. */
export interface Available {
  /** The bounding set of who starts the container. */
  readonly bounding: readonly Capability[]
  /** The highest capability of the running kernel: `lastCap()`. */
  readonly lastCap: number
}

/**
 * The sets that can be granted of those that an OCI configuration asks for, and a sentence for each capability that cannot.
 *
 * The specification has a capability that cannot be granted end in a warning, not in an error.
 *
 * @see the runtime specification, config.md, Linux Process, capabilities
 * @example
 * grantable({ bounding: ['CAP_KILL'], permitted: ['CAP_KILL', 'CAP_NONE'] }, { bounding: read().bounding, lastCap: lastCap() })
 */
export function grantable(asked: OciCapabilities, { bounding, lastCap }: Available): { readonly sets: CapabilitySets; readonly warnings: readonly string[] } {
  const warnings: string[] = []
  const keep = (set: keyof CapabilitySets, among: readonly Capability[], because: string): Capability[] => {
    const names = [...new Set(asked[set] ?? [])]
    const known = names.filter((name): name is Capability => {
      const number = (capabilities as readonly string[]).indexOf(name)
      if (number === -1) warnings.push(`${set}: there is no capability ${JSON.stringify(name)}`)
      else if (number > lastCap) warnings.push(`${set}: this kernel has no ${name}`)
      return number !== -1 && number <= lastCap
    })
    for (const name of known) if (!among.includes(name)) warnings.push(`${set}: ${name} cannot be granted: ${because}`)
    return sorted(known.filter((name) => among.includes(name)))
  }
  const theirs = 'whoever starts the container does not have it'
  const permitted = keep('permitted', bounding, theirs)
  const inheritable = keep('inheritable', bounding, theirs)
  const both = permitted.filter((name) => inheritable.includes(name))
  return {
    sets: {
      bounding: keep('bounding', bounding, theirs), permitted, effective: keep('effective', permitted, 'it is not permitted'), inheritable,
      ambient: keep('ambient', both, 'it is not both permitted and inheritable'),
    },
    warnings,
  }
}
