/**
 * Whether the time is up. The clock is monotonic, and not `performance`, which Node loads with ten modules of its own at its first use.
 *
 * @param millis from now
 */
export function deadline(millis: number): () => boolean {
  const now = (): number => {
    const [seconds, nanos] = process.hrtime()
    return seconds * 1000 + nanos / 1e6
  }
  const end = now() + millis
  return () => now() > end
}
