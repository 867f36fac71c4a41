import type { Condition } from './condition.ts'

/**
 * The calls that x86 programs may also make through socketcall and ipc, by the first argument of those (linux/net.h, linux/ipc.h). send, recv and
 * semop have no number of their own there.
 */
export const multiplexed: Readonly<Record<'socketcall' | 'ipc', Readonly<Record<string, number>>>> = {
  socketcall: {
    socket: 1, bind: 2, connect: 3, listen: 4, accept: 5, getsockname: 6, getpeername: 7, socketpair: 8, send: 9, recv: 10, sendto: 11, recvfrom: 12, shutdown: 13, setsockopt: 14, getsockopt: 15,
    sendmsg: 16, recvmsg: 17, accept4: 18, recvmmsg: 19, sendmmsg: 20,
  },
  ipc: { semop: 1, semget: 2, semctl: 3, semtimedop: 4, msgsnd: 11, msgrcv: 12, msgget: 13, msgctl: 14, shmat: 21, shmdt: 22, shmget: 23, shmctl: 24 },
}

/**
 * The condition on the first argument that makes socketcall or ipc one of the calls.
 *
 * ipc has a version in the upper half of that argument (ipc(2), `call & 0xffff`), which libseccomp takes to be 0: so do we for what a profile
 * allows, since a version is nothing that a C library sends.
 */
export const multiplexer = (value: number): Condition => ({ index: 0, op: 'SCMP_CMP_EQ', value: BigInt(value), wanted: 0n })

/** The name is one of those calls. */
export const isMultiplexed = (name: string): boolean => Object.values(multiplexed).some((calls) => Object.hasOwn(calls, name))
