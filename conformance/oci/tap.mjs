// What a program of a validation suite says: the Test Anything Protocol, version 13, as far as it is needed to compare two runtimes.

/** What differs from run to run within a name: random ids, and what temporary files are called. */
const steady = (name) => name.replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'UUID').replace(/\d{5,}/g, 'N')

/**
 * @param {string} text what the program printed
 * @returns {{ passed: Set<string>, failed: Set<string>, skipped: number }} names of assertions, each with its number where a name comes again
 */
export function readTap(text) {
  const [passed, failed, times] = [new Set(), new Set(), new Map()]
  let skipped = 0
  for (const [, not, words] of text.matchAll(/^(not )?ok\b(?: \d+)?(?: - )?(.*)$/gm)) {
    if (/# (skip|todo)\b/i.test(words)) {
      skipped++
      continue
    }
    const name = steady(words.trim())
    const time = (times.get(name) ?? 0) + 1
    times.set(name, time)
    ;(not ? failed : passed).add(time === 1 ? name : `${name} (${time})`)
  }
  return { passed, failed, skipped }
}

/**
 * What another runtime passes and ours does not. A program that ends with a failure says that its assertions, if it made any, came to nothing.
 *
 * @param {{ status: number, passed: Set<string> }} ours
 * @param {readonly { status: number, passed: Set<string> }[]} rivals
 * @returns {string[]} nothing: ours passes all that any of them does
 */
export function behind(ours, rivals) {
  const good = rivals.filter(({ status }) => status === 0)
  if (good.length > 0 && ours.status !== 0) return [`the program ends with ${ours.status}, elsewhere with 0`]
  return [...new Set(good.flatMap(({ passed }) => [...passed]))].filter((name) => !ours.passed.has(name))
}
