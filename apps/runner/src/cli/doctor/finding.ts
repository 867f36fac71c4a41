/** `yes`: it is there. `partly`: something of it is not, or not for who asks. `no`: it is not there. */
export type Verdict = 'yes' | 'partly' | 'no'

/** One line of what the doctor says. */
export interface Finding {
  readonly name: string
  readonly verdict: Verdict
  /** Without it no container can be made here. */
  readonly needed: boolean
  /** What is so, and what follows from it. */
  readonly why: string
  /** How it is mended, where it can be. */
  readonly fix?: string
}

export const finding = (name: string, verdict: Verdict, why: string, { fix, needed = false }: { readonly fix?: string | undefined; readonly needed?: boolean } = {}): Finding =>
  ({ name, verdict, needed, why, ...(fix === undefined || verdict === 'yes' ? {} : { fix }) })
