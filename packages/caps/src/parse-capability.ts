import { capabilities, type Capability } from './capability.ts'

/**
 * The capability that a person means: any case, with or without `CAP_`; `ALL` stands for every one.
 *
 * @throws TypeError there is no such capability; the message names the nearest one
 * @example
 * parseCapability('net_admin') // 'CAP_NET_ADMIN'
 */
export function parseCapability(text: string): Capability | 'ALL' {
  const upper = text.toUpperCase()
  if (upper === 'ALL' || upper === 'CAP_ALL') return 'ALL'
  const name = upper.startsWith('CAP_') ? upper : `CAP_${upper}`
  const found = capabilities.find((capability) => capability === name)
  if (found !== undefined) return found
  const near = nearest(name)
  throw new TypeError(`There is no capability ${JSON.stringify(text)}` + (near === undefined ? '' : `: did you mean ${near}?`))
}

/** The capability with the fewest changed letters, if at most two of them or a third of the word. */
function nearest(name: string): Capability | undefined {
  let best: Capability | undefined
  let fewest = Math.max(2, Math.floor((name.length - 4) / 3)) + 1
  for (const capability of capabilities) {
    const changes = distance(name, capability)
    if (changes < fewest) [best, fewest] = [capability, changes]
  }
  return best
}

/** Levenshtein's distance, one row at a time. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)))
    row = next
  }
  return row[b.length]!
}
