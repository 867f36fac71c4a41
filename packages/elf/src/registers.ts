/** A processor that programs are encoded for. */
export type Machine = 'x64' | 'arm64'

/**
 * A register, named after what it is for; each machine maps it to one of its own.
 *
 * - `nr` the number of the system call, `a0`…`a5` its arguments, `result` what came back. `result` is `nr` on x64 and
 *   `a0` on arm64, so after `syscall()` only `result` is what it says: reload `nr` and `a0`. `a1`…`a5` are kept.
 * - `s0`…`s5` keep their values over system calls, and over calls of routines that do not write them.
 * - `t0`, `t1` are lost over system calls.
 * - `sp` the stack pointer: a multiple of 16 whenever it is the base of a load or a store, or arm64 faults.
 */
export type Reg =
  | 'nr' | 'result' | 'sp'
  | 'a0' | 'a1' | 'a2' | 'a3' | 'a4' | 'a5'
  | 's0' | 's1' | 's2' | 's3' | 's4' | 's5'
  | 't0' | 't1'

/** Each machine's register numbers, as its instructions spell them. */
export const registers: Readonly<Record<Machine, Readonly<Record<Reg, number>>>> = {
  // System call convention: syscall(2), "Architecture calling conventions"; rcx and r11 are clobbered by SYSCALL
  // itself (Intel SDM volume 2, SYSCALL). Numbers: Intel SDM volume 2, table 2-2 and section 2.2.1.2.
  x64: {
    nr: 0, result: 0, // rax
    a0: 7, a1: 6, a2: 2, a3: 10, a4: 8, a5: 9, // rdi rsi rdx r10 r8 r9
    s0: 3, s1: 5, s2: 12, s3: 13, s4: 14, s5: 15, // rbx rbp r12 r13 r14 r15
    t0: 1, t1: 11, // rcx r11
    sp: 4, // rsp
  },
  // syscall(2); callee-saved x19…x28 as in AAPCS64 section 6.1.1. Number 31 is sp or xzr, depending on the instruction.
  arm64: {
    nr: 8, result: 0, // x8, x0
    a0: 0, a1: 1, a2: 2, a3: 3, a4: 4, a5: 5, // x0 … x5
    s0: 19, s1: 20, s2: 21, s3: 22, s4: 23, s5: 24, // x19 … x24
    t0: 9, t1: 10, // x9 x10
    sp: 31, // sp
  },
}
