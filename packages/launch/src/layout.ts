/**
 * Where things are in a launched process, the same on both architectures: the interpreter, the assembler of programs and the reader of the
 * status page agree on these numbers and on nothing else.
 *
 *     0x0c000000  status page: progress, shared with the parent; the first call of a program maps as much of it as the program has calls
 *     0x10010000  header: the address of the first record, and a block to report in until the status page is there
 *     0x10010050  records, one a call, then everything that arguments point to
 */
export const statusAddress = 0x0c000000
/** A multiple of the largest page size (arm64: 64 KiB), with room for the times of sixteen hundred calls: what every program has. */
export const statusBytes = 0x10000
export const programAddress = 0x10010000
/** Where in the header the first call reports: a block of the status page that nobody reads. */
export const headerBlock = 16
export const headerBytes = 80

/** The status page: a block for the program and one for the other side of each clone3, then a row for each call. */
export const status = {
  block: 64,
  blocks: 4,
  index: 0, // u32: the call being made
  state: 4, // u32: 0 running, 1 failed, 2 returned another value than the one required
  errno: 8, // u32
  result: 16, // i64: what it returned instead
  pid: 24, // u32: written by clone3 itself (CLONE_PARENT_SETTID) before the child runs
  rows: 256, // a row a call: struct timespec before, struct timespec after, and what an allowed error was
  row: 40,
  after: 16,
  allowed: 32, // i32
} as const

/** How much of the status page a program has: some configurations have thousands of mounts, and a mount takes twenty calls. */
export const statusBytesOf = (calls: number): number => Math.max(1, Math.ceil((status.rows + status.row * calls) / statusBytes)) * statusBytes

/** More calls than this would report beyond the page, into the program itself. */
export const maxCalls = Math.floor((programAddress - statusAddress - status.rows) / status.row)

export const state = { running: 0, failed: 1, short: 2 } as const

/** One record: a system call and what to make of its result. Offsets in bytes. */
export const record = {
  nr: 0, // u64
  args: 8, // six u64
  index: 56, // u32: the call it stands for, as reported
  tries: 60, // u32: how many more times a retry is allowed
  allow: 64, // eight bytes: errnos that do not stop the program, 0 ends the list
  retry: 72, // eight bytes: errnos to try again on, 0 ends the list
  patches: 80, // u64: address of a list of addresses that receive the result as 32 bits, 0 ends the list
  fork: 88, // u64: address of the record where the parent goes on if the result is not 0; 0 for a call that does not fork
  page: 96, // u64: address of the status block to report in
  returns: 104, // i64: the result required, or -1 for any
  bytes: 112,
} as const

/** Where the packaged interpreter, started without a program of its own, finds one to map: the descriptor, and the most it maps. */
export const programFd = 16
export const programLimit = 0x4000000
