/** Where a descriptor of the process goes: a pipe to us, our own of the same number, nowhere, or any descriptor. */
export type Stdio = 'pipe' | 'inherit' | 'ignore' | number

/** One for each of 0, 1 and 2, and for those beyond that were asked for. */
export function stdioList(stdio: Stdio | readonly Stdio[] = 'inherit'): readonly Stdio[] {
  const list = typeof stdio === 'object' ? stdio : [stdio, stdio, stdio]
  if (list.length < 3) throw new TypeError(`Cannot start a process with ${list.length} of its three standard descriptors: give each a place, 'ignore' for none`)
  return list
}

/** The numbers above 2 that the process gets descriptors under. */
export function numbersAbove(stdio: readonly Stdio[]): number[] {
  return stdio.flatMap((kind, number) => (number > 2 && kind !== 'ignore' ? [number] : []))
}
