/**
 * The lines of a nested keyed file, `KEY SUB=VALUE SUB=VALUE`, as in io.stat, rdma.current and memory.numa_stat; `max` is null.
 *
 * A key without values has none: io.stat of Linux 5.15 to 6.1 prints such devices without ending the line, so several may stand before one
 * that has values.
 *
 * @see Documentation/admin-guide/cgroup-v2.rst, "Format"
 */
export function parseNestedKeyed(text: string): Map<string, Record<string, number | null>> {
  const found = new Map<string, Record<string, number | null>>()
  for (const line of text.split('\n')) {
    let values: Record<string, number | null> | undefined
    for (const word of line.split(/\s+/)) {
      if (word === '') continue
      const equals = word.indexOf('=')
      if (equals <= 0) {
        values = found.get(word) ?? Object.create(null) as Record<string, number | null>
        found.set(word, values)
        continue
      }
      const value = word.slice(equals + 1)
      if (values && value === 'max') values[word.slice(0, equals)] = null
      else if (values && value !== '' && Number.isFinite(Number(value))) values[word.slice(0, equals)] = Number(value)
    }
  }
  return found
}
