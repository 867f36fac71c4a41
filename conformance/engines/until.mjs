/** In the guest, whose processor is emulated, everything takes longer. */
export const patience = process.env.CTR_GUEST === undefined ? 1 : 10

/**
 * Asks until the answer is the right one, or the time is over.
 *
 * @template T
 * @param {() => Promise<T>} ask
 * @param {T | RegExp} answer
 * @param {{ seconds?: number, pauseMillis?: number }} options how long, and how long between two questions
 * @returns {Promise<T>} the last answer
 */
export async function until(ask, answer, { seconds = 30 * patience, pauseMillis = 100 } = {}) {
  for (const start = Date.now(); ; await new Promise((resolve) => setTimeout(resolve, pauseMillis))) {
    const last = await ask()
    const right = answer instanceof RegExp ? answer.test(last) : last === answer
    if (right || Date.now() - start > seconds * 1000) return last
  }
}
