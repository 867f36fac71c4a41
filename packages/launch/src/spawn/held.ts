import type { Readable } from 'node:stream'

/**
 * What the stream reads is kept until it is released: 'spawn' comes before the first data, whichever the event loop finds first.
 *
 * @returns lets go of what was read, and of all that follows
 */
export function hold(stream: Readable): () => void {
  const push = stream.push.bind(stream)
  const kept: Parameters<Readable['push']>[] = []
  stream.push = (...chunk) => {
    kept.push(chunk)
    // Nothing more is to be read for now.
    return false
  }
  return () => {
    stream.push = push
    for (const chunk of kept) push(...chunk)
    if (kept.some(([chunk]) => chunk === null)) stream.read(0)
  }
}
