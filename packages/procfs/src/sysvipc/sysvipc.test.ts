import { expect, test } from 'vitest'
import { parseSysvMsg } from './msg.ts'
import { parseSysvSem } from './sem.ts'
import { parseSysvShm } from './shm.ts'

const MSG = '       key      msqid perms      cbytes       qnum lspid lrpid   uid   gid  cuid  cgid      stime      rtime      ctime\n'
const SEM = '       key      semid perms      nsems   uid   gid  cuid  cgid      otime      ctime\n'
const SHM = '       key      shmid perms                  size  cpid  lpid nattch   uid   gid  cuid  cgid      atime      dtime      ctime                   rss                  swap\n'

test('message queues, semaphores, shared memory', () => {
  expect(parseSysvMsg(`${MSG}-559038737          3   660          16          2    11    12  1000  1001  1002  1003 1700000001 1700000002 1700000003\n`)).toEqual([{
    key: -559038737, id: 3, mode: 0o660, uid: 1000, gid: 1001, creatorUid: 1002, creatorGid: 1003, changedSeconds: 1700000003,
    bytes: 16, messages: 2, lastSenderPid: 11, lastReceiverPid: 12, sentSeconds: 1700000001, receivedSeconds: 1700000002,
  }])
  expect(parseSysvSem(`${SEM}         0          1   600          4     1     2     3     4          0 1700000003\n`)).toMatchObject([{ key: 0, id: 1, mode: 0o600, semaphores: 4, operatedSeconds: 0 }])
  expect(parseSysvShm(`${SHM}        17          5  1777   18446744073709551615     7     8      9     1     2     3     4 1700000001 1700000002 1700000003                  4096                  8192\n`)).toMatchObject([
    { key: 17, mode: 0o1777, sizeBytes: 2 ** 64, creatorPid: 7, lastPid: 8, attached: 9, rssBytes: 4096, swapBytes: 8192 },
  ])
})

test('none, and what is no table', () => {
  expect([parseSysvMsg(MSG), parseSysvSem(SEM), parseSysvShm(SHM)]).toEqual([[], [], []])
  expect(() => parseSysvMsg('')).toThrow('sysvipc/msg line 1: expected a heading with key')
  expect(() => parseSysvShm(MSG)).toThrow('a heading with shmid')
  expect(() => parseSysvSem(`${SEM} 1 2\n`)).toThrow('sysvipc/sem line 2')
  expect(() => parseSysvSem(`${SEM}         0          1   999          4     1     2     3     4          0 1700000003\n`)).toThrow('permission bits')
})
