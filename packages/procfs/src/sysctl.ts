/**
 * The file of a kernel parameter, below the root of a procfs.
 *
 * @param name with dots, as for sysctl(8); a dot within a name is a slash
 * @param action for the message: nothing outside sys/ can be named
 */
export function sysctlPath(name: string, action: 'read' | 'set' | 'list'): string {
  const path = name.split('.').map((part) => part.replaceAll('/', '.'))
  if (path.some((part) => /^\.*$/.test(part) || part.includes('\0'))) throw new TypeError(`Cannot ${action} the kernel parameter ${JSON.stringify(name)}`)
  return `sys/${path.join('/')}`
}

/** The name of the parameter of a file. */
export function sysctlName(path: string): string {
  return path.split('/').slice(1).map((part) => part.replaceAll('.', '/')).join('.')
}
