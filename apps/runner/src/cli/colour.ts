import { isatty } from 'node:tty'

/** What a colour means here; never the only sign of it. */
export interface Colours {
  /** Something went wrong. */
  red(text: string): string
  /** Shared with the host. */
  yellow(text: string): string
  /** Private to the container. */
  green(text: string): string
  /** Of the host. */
  dim(text: string): string
  /** Inside the container. */
  cyan(text: string): string
  bold(text: string): string
}

const codes = { red: 31, yellow: 33, green: 32, dim: 2, cyan: 36, bold: 1 } as const

/** Whether a descriptor is to get colours: a terminal that can, or by FORCE_COLOR; never with NO_COLOR. @see https://no-color.org */
export function wantsColour(fd: number, env: NodeJS.ProcessEnv = process.env, terminal: (fd: number) => boolean = isatty): boolean {
  if (env['NO_COLOR']) return false
  if (env['FORCE_COLOR'] !== undefined) return env['FORCE_COLOR'] !== '0'
  return terminal(fd) && env['TERM'] !== 'dumb'
}

export function colours(on: boolean): Colours {
  const paint = (code: number) => (text: string) => (on && text !== '' ? `\x1b[${code}m${text}\x1b[0m` : text)
  return Object.fromEntries(Object.entries(codes).map(([name, code]) => [name, paint(code)])) as unknown as Colours
}
