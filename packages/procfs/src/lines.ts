import type { Place } from './proc-parse-error.ts'

/** The lines of a text with their places; a newline ends a line and does not begin an empty one. */
export function lines(text: string, file: string): Place[] {
  const all = text.split('\n')
  if (all[all.length - 1] === '') all.pop()
  return all.map((line, index) => ({ file, line: index + 1, text: line }))
}
