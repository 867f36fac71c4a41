/** The caller was wrong: the action and the value, before anything runs. */
export function mountRefusal(action: string, value: unknown): TypeError {
  return new TypeError(`Cannot ${action}: ${JSON.stringify(value)}`)
}
