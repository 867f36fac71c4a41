/** struct termios of the kernel: four words of flags, the line discipline, nineteen characters. @see asm-generic/termbits.h */
const bytes = 36
const offset = { iflag: 0, oflag: 4, cflag: 8, lflag: 12, cc: 17 } as const
const VTIME = 5
const VMIN = 6

/** What cfmakeraw(3) takes away: every byte goes through as it is, in both directions. */
const cleared = {
  iflag: 0o1 | 0o2 | 0o10 | 0o40 | 0o100 | 0o200 | 0o400 | 0o2000, // IGNBRK BRKINT PARMRK ISTRIP INLCR IGNCR ICRNL IXON
  oflag: 0o1, // OPOST
  lflag: 0o1 | 0o2 | 0o10 | 0o100 | 0o100000, // ISIG ICANON ECHO ECHONL IEXTEN
  cflag: 0o60 | 0o400, // CSIZE PARENB
} as const
const CS8 = 0o60

/**
 * The settings of a terminal, made raw.
 *
 * Not Node's setRawMode: it leaves OPOST on, and a program in the container that turned it off in its own terminal would see its
 * line feeds changed in ours.
 *
 * @see termios(3), cfmakeraw
 */
export function makeRaw(termios: Uint8Array): Uint8Array {
  if (termios.length !== bytes) throw new RangeError(`A struct termios has ${bytes} bytes, not ${termios.length}`)
  const raw = new Uint8Array(termios)
  const view = new DataView(raw.buffer)
  for (const [field, mask] of Object.entries(cleared) as [keyof typeof cleared, number][]) view.setUint32(offset[field], view.getUint32(offset[field], true) & ~mask, true)
  view.setUint32(offset.cflag, view.getUint32(offset.cflag, true) | CS8, true)
  raw[offset.cc + VMIN] = 1
  raw[offset.cc + VTIME] = 0
  return raw
}
