import { expect, test } from 'vitest'
import { parseErrors } from './log.ts'

test('errors of CRIU and of the processes that it makes, without what is around them', () => {
  expect(parseErrors(`(00.001472) Version: 3.17.1 (gitid 0)
(03.926028) Error (criu/tun.c:85): tun: Unable to create tun: No such file or directory
(01.701217) Error (criu/files-reg.c:1710): Can't lookup mount=29 for fd=1 path=/tmp/out.runc
(01.702000)      1: Error (criu/mount.c:2344): mnt: Can't mount at /x: Invalid argument
Warn  (criu/cr-restore.c:1297): Set CLONE_PARENT
`)).toEqual(['tun: Unable to create tun: No such file or directory', "Can't lookup mount=29 for fd=1 path=/tmp/out.runc", "mnt: Can't mount at /x: Invalid argument"])
})

test('of many the last: those behind a failure follow from it', () => {
  expect(parseErrors(Array.from({ length: 9 }, (_, i) => `Error (a.c:1): ${i}`).join('\n'))).toEqual(['5', '6', '7', '8'])
})
