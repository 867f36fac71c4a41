/** What is in a container's directory. */
export const files = { state: 'state.json', signal: 'signal.json', root: 'root' } as const
