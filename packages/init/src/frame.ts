/**
 * The memory that init uses, on its stack: there is no data segment, so one page of stack is all that it writes.
 * `s5` points at the start all the time. Each row is a name and a size in bytes.
 */
const layout = {
  mask: 8, // a kernel sigset_t: all signals, all the time
  info: 128, // siginfo_t
  iovecs: 4 * 16, // the parts of a message
  digits: 8, // an errno in decimal
  pid: 8, // a pid_t that the kernel reads or writes
  action: 32, // struct sigaction
  deadline: 16, // struct timespec: when the payload is killed; its seconds are 0 while nobody has said SIGTERM
  left: 16, // struct timespec: until then
} as const

export type Field = keyof typeof layout

/** Where each field starts. All sizes are multiples of 8. */
export const frame = {} as Record<Field, number>
let size = 0
for (const [name, bytes] of Object.entries(layout)) {
  frame[name as Field] = size
  size += bytes
}

/** The size of the frame, so that `sp` stays a multiple of 16. */
export const frameSize = Math.ceil(size / 16) * 16

// siginfo_t, as asm-generic/siginfo.h lays it out on both machines: si_signo 0, si_errno 4, si_code 8, then _sigchld.
export const siginfo = { code: 8, pid: 16, status: 24 } as const
