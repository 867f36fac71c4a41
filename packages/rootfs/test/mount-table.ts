export interface TableEntry {
  readonly path: string
  readonly flags: string
  /** shared, master, unbindable, without the numbers of their groups. */
  readonly propagation: string
  readonly type: string
  readonly source: string
}

/** The lines of a mountinfo, topmost last. @see proc_pid_mountinfo(5) */
export function mountTable(text: string): TableEntry[] {
  return text.split('\n').filter((line) => / - /.test(line)).map((line) => {
    const [before = '', after = ''] = line.split(' - ')
    const [, , , , path = '', flags = '', ...optional] = before.split(' ')
    const [type = '', source = ''] = after.split(' ')
    return { path, flags, propagation: optional.map((field) => field.replace(/:.*/, '')).join(','), type, source }
  })
}
