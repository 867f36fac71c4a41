import { OBJECT_COLUMNS, rowsByName, sysvObject, type SysvObject } from './table.ts'

/** A message queue. Times are in seconds since 1970, 0 for never. */
export interface MessageQueue extends SysvObject {
  readonly bytes: number
  readonly messages: number
  /** PIDs in the PID namespace of this procfs. */
  readonly lastSenderPid: number
  readonly lastReceiverPid: number
  readonly sentSeconds: number
  readonly receivedSeconds: number
}

const NEEDED = [...OBJECT_COLUMNS, 'msqid', 'cbytes', 'qnum', 'lspid', 'lrpid', 'stime', 'rtime']

/**
 * The message queues of a /proc/sysvipc/msg text: those of the reader's IPC namespace.
 *
 * @throws {ProcParseError} naming the line
 * @see proc(5) /proc/sysvipc
 */
export function parseSysvMsg(text: string, file = 'sysvipc/msg'): MessageQueue[] {
  return rowsByName(text, file, NEEDED).map((row) => ({
    ...sysvObject(row, 'msqid'),
    bytes: row('cbytes'), messages: row('qnum'), lastSenderPid: row('lspid'), lastReceiverPid: row('lrpid'),
    sentSeconds: row('stime'), receivedSeconds: row('rtime'),
  }))
}
