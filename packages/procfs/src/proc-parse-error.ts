/** Where a piece of text came from: the file, the line (from 1) and the line itself. */
export interface Place {
  readonly file: string
  readonly line: number
  readonly text: string
}

const SHOWN_CHARACTERS = 200

/**
 * A file under /proc does not have the form that proc(5) describes.
 *
 * Truncated reads, fixtures of another kernel and files that only look like procfs end here; no parser of this
 * package throws anything else for a string, whatever is in it.
 *
 * @example
 * try { parseLoadavg('nonsense') } catch (error) { console.log((error as ProcParseError).file) } // loadavg
 */
export class ProcParseError extends SyntaxError {
  override readonly name = 'ProcParseError'
  /** The path that was read, or the kernel's name of the file when only text was given. */
  readonly file: string
  /** Counted from 1. */
  readonly line: number
  /** The offending line, whole. */
  readonly text: string

  constructor(place: Place, expected: string) {
    const shown = place.text.length > SHOWN_CHARACTERS ? `${place.text.slice(0, SHOWN_CHARACTERS)}…` : place.text
    super(`Cannot parse ${place.file} line ${place.line}: expected ${expected}: ${JSON.stringify(shown)}`)
    this.file = place.file
    this.line = place.line
    this.text = place.text
  }
}
