import { sys } from '@ctr/syscall'
import { perform } from '@ctr/syscall/perform'
import type { TerminalSize } from '../../terminal.ts'

/** The size of a terminal now. One that does not know its size (a serial line) is taken for 80 by 24. */
export function windowSize(fd: number): TerminalSize {
  const { outputs } = perform([sys.ioctl(fd, 'TIOCGWINSZ', { out: 8 }, { why: 'it may have changed since it was last asked for', allow: ['ENOTTY', 'EIO'] })])
  const bytes = outputs.get(0)!
  if (bytes.length < 4) return { columns: 80, rows: 24 }
  const view = new DataView(bytes.buffer, bytes.byteOffset)
  return { rows: view.getUint16(0, true) || 24, columns: view.getUint16(2, true) || 80 }
}
