import { readFileSync } from 'node:fs'

/** Behind a failure come those that follow from it. */
const most = 4

/** What CRIU's log says that went wrong, the last of it; nothing where there is no log. */
export function errorsOf(file: string): string[] {
  try {
    return parseErrors(readFileSync(file, 'latin1'))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

/** @param text lines as `(00.517828) Error (criu/kerndat.c:1615): message`, with a pid in front of the word where it is not CRIU's own process */
export function parseErrors(text: string): string[] {
  return text.split('\n').flatMap((line) => /^(?:\(\d+\.\d+\)\s*)?(?:\d+: )?Error \([^)]*\): (.*)$/.exec(line.trim())?.[1] ?? []).slice(-most)
}
