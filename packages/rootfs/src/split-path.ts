/**
 * A path inside a root as the directory that something is in, empty for the root, and its name there: one component, which the kernel
 * looks up in the directory alone.
 */
export function splitPath(path: string, action: string): { readonly folder: string; readonly name: string } {
  const parts = path.split('/').filter((part) => part !== '' && part !== '.')
  const name = parts.pop()
  if (name === undefined || name === '..' || path.endsWith('/')) throw new TypeError(`Cannot ${action} ${JSON.stringify(path)}: it names no file`)
  return { folder: parts.join('/'), name }
}
