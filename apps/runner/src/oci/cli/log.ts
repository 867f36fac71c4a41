import { appendFileSync, closeSync, openSync, writeSync } from 'node:fs'

export type Level = 'error' | 'warning'

/**
 * Where messages go: the file of `--log`, as engines read it, else standard error.
 *
 * @see logrus, JSONFormatter and TextFormatter, which runc writes with
 */
export class OciLog {
  readonly #file: string | undefined
  readonly #json: boolean

  constructor(file: string | undefined, format: string | undefined) {
    this.#file = file
    this.#json = format === 'json'
  }

  /** The file is there, as engines expect it, also where nothing is written to it. @throws it cannot be */
  static open(file: string | undefined, format: string | undefined): OciLog {
    if (file) closeSync(openSync(file, 'a', 0o644))
    return new OciLog(file, format)
  }

  write(level: Level, message: string): void {
    const time = new Date().toISOString().replace(/\.\d+Z$/, 'Z')
    const line = this.#json ? JSON.stringify({ level, msg: message, time }) : `time=${JSON.stringify(time)} level=${level} msg=${JSON.stringify(message)}`
    if (this.#file !== undefined && this.#file !== '') appendFileSync(this.#file, `${line}\n`)
    else say(line)
  }

  /** In the log, where there is one. */
  note(message: string): void {
    if (this.#file) this.write('warning', message)
  }

  /** The last word: in the log, and on standard error for whoever reads that. */
  fail(message: string): void {
    this.write('error', message)
    if (this.#file) say(message)
  }

  /** The same, where somebody has to be told in other words than the log. */
  refuse(message: string, toWhoever: string): void {
    if (this.#file) this.write('error', message)
    say(toWhoever)
  }
}

/** Not by process.stderr: it would make a pipe that the container shares non-blocking. */
export function say(line: string): void {
  try {
    writeSync(2, `${line}\n`)
  } catch {
    // Nobody listens, or not any more.
  }
}

/** On standard output, whole, whatever it is: a pipe may take it in parts. */
export function print(text: string): void {
  const bytes = Buffer.from(text.endsWith('\n') ? text : `${text}\n`)
  for (let done = 0; done < bytes.length; ) {
    try {
      done += writeSync(1, bytes, done)
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code === 'EPIPE') return
      if (code !== 'EAGAIN') throw error
    }
  }
}
