/** One classic BPF instruction, struct sock_filter: what `sys.seccomp` takes. */
export type Instruction = readonly [code: number, jt: number, jf: number, k: number]

/** The codes that filters are made of (linux/bpf_common.h). */
export const code = { load: 0x20, and: 0x54, jump: 0x05, return: 0x06, eq: 0x15, gt: 0x25, ge: 0x35, set: 0x45 } as const

/** Where struct seccomp_data has what (linux/seccomp.h): a filter loads 32 bits at a time, and both machines keep the lower half of 64 first. */
export const offset = { number: 0, architecture: 4, low: (argument: number) => 16 + 8 * argument, high: (argument: number) => 20 + 8 * argument } as const

/** The most that the kernel takes in one filter (BPF_MAXINSNS in linux/bpf_common.h). */
export const mostInstructions = 4096
