import { type Place, ProcParseError } from './proc-parse-error.ts'

/** The columns of a line, separated by any blanks; at least so many. */
export function columns(place: Place, least: number, expected: string): string[] {
  const trimmed = place.text.trim()
  const found = trimmed === '' ? [] : trimmed.split(/[ \t]+/)
  if (found.length < least) throw new ProcParseError(place, expected)
  return found
}
