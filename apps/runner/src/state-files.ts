/** What is in a container's directory. */
export const files = { state: 'state.json', newState: 'state.json.new', signal: 'signal.json', root: 'root' } as const
