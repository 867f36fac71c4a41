import { sys } from '@ctr/syscall'
import { perform } from '@ctr/syscall/perform'

/** The size of a terminal in characters. */
export interface TerminalSize {
  readonly columns: number
  readonly rows: number
}

/** The programs in the terminal learn its new size (SIGWINCH). */
export function resize(master: number, { columns, rows }: TerminalSize): void {
  perform([sys.ioctl(master, 'TIOCSWINSZ', { ws_row: rows, ws_col: columns }, 'full-screen programs draw for this size')])
}
