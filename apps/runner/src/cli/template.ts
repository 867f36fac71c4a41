import { UsageError } from './errors/usage-error.ts'
import { nearest } from './suggest.ts'

/**
 * A text with `{{.State.Pid}}` and `{{json .State}}` in it, filled from a value: the part of Docker's templates that scripts use most.
 *
 * @throws UsageError it has something else in braces, or names what is not there
 */
export function fillTemplate(template: string, value: unknown): string {
  const filled = template.replaceAll('\\n', '\n').replaceAll('\\t', '\t')
  return filled.replace(/\{\{(.*?)\}\}/gs, (whole, inside: string) => {
    const [, json, path] = /^\s*(json\s+)?(\.[\w.]*)\s*$/.exec(inside) ?? []
    if (path === undefined) throw new UsageError(`--format: ${whole} is not understood`, { id: 'bad-format', fix: ['{{.State.Pid}} and {{json .State}} are; for more, --json and jq'] })
    const found = path === '.' ? value : lookUp(path.slice(1).split('.'), value, whole)
    return json === undefined ? text(found) : JSON.stringify(found)
  })
}

function lookUp(names: readonly string[], value: unknown, whole: string): unknown {
  let at = value
  for (const name of names) {
    const known = typeof at === 'object' && at !== null ? Object.keys(at) : []
    if (!known.includes(name)) {
      const meant = nearest(name, known) ?? known.find((each) => each.toLowerCase() === name.toLowerCase())
      throw new UsageError(`--format: ${whole} has no ${JSON.stringify(name)}`, { id: 'bad-format', fix: [meant === undefined ? `there ${known.length === 0 ? 'is nothing below it' : `are ${known.join(', ')}`}` : `did you mean ${meant}?`] })
    }
    at = (at as Record<string, unknown>)[name]
  }
  return at
}

/** As Docker prints it: a list as [a b], nothing as <no value>. */
function text(value: unknown): string {
  if (value === null || value === undefined) return '<no value>'
  if (Array.isArray(value)) return `[${value.map(text).join(' ')}]`
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}
