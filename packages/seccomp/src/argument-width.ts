import { nameOf, type Architecture } from './architecture.ts'

/** How many bits of an argument count. */
export type Width = 32 | 64

/**
 * Arguments that select what a call does and that the kernel declares as int or unsigned int (include/linux/syscalls.h): of their 64 bits it reads the
 * lower 32 and forgets the others, so a comparison of all 64 can be got round.
 *
 * ioctl's TIOCSTI was, by setting a bit above (CVE-2019-10063 in Flatpak, CVE-2019-7303 in snapd); and where a profile allows `socket` above 40 to keep 40
 * out, 0x100000028 is above 40 too.
 */
export const narrowArguments: Readonly<Record<string, readonly number[]>> = {
  socket: [0, 1, 2], socketpair: [0, 1, 2], setsockopt: [1, 2], getsockopt: [1, 2], personality: [0], ioctl: [1], fcntl: [1], prctl: [0], keyctl: [0], bpf: [0], seccomp: [0, 1], setns: [1],
  open: [1], openat: [2], unlinkat: [2], memfd_create: [1], userfaultfd: [0], kill: [1], tkill: [1], tgkill: [2], prlimit64: [1], madvise: [2], futex: [1], fsconfig: [1],
}

/** How wide each argument of a call is for a filter: all are of 32 bits on x86, x32 and arm. */
export function widthsOf(number: number, architecture: Architecture): (index: number) => Width {
  if (architecture.bits === 32) return () => 32
  const name = nameOf(number, architecture)
  const narrow = name !== undefined && Object.hasOwn(narrowArguments, name) ? narrowArguments[name]! : []
  return (index) => (narrow.includes(index) ? 32 : 64)
}
