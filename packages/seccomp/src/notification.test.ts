import { explain } from '@ctr/syscall'
import { expect, test } from 'vitest'
import { answer, answerWithDescriptor, listenerState, parseNotification, pollListener, receive, stillWaits, takeListener } from './index.ts'

function bytes(number: number, token: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(80))
  view.setBigUint64(0, 0xfedcba9876543210n, true)
  view.setUint32(8, 77, true)
  view.setUint32(16, number, true)
  view.setUint32(20, token, true)
  view.setBigUint64(24, 0x7fff00001234n, true)
  for (let i = 0; i < 6; i++) view.setBigUint64(32 + 8 * i, BigInt(i) << 40n, true)
  return new Uint8Array(view.buffer)
}

test('a notification', () => {
  expect(parseNotification(bytes(165, 0xc000003e))).toEqual({
    id: '0xfedcba9876543210', pid: 77, name: 'mount', architecture: 'SCMP_ARCH_X86_64', token: 0xc000003e, number: 165, instructionPointer: 0x7fff00001234n, args: [0n, 1n << 40n, 2n << 40n, 3n << 40n, 4n << 40n, 5n << 40n],
  })
  expect(parseNotification(bytes(0x40000000 + 165, 0xc000003e))).toMatchObject({ name: 'mount', architecture: 'SCMP_ARCH_X32' })
  expect(parseNotification(bytes(40, 0xc00000b7))).toMatchObject({ name: 'mount', architecture: 'SCMP_ARCH_AARCH64' })
  expect(parseNotification(bytes(9999, 1))).not.toHaveProperty('name')
  expect(() => parseNotification(new Uint8Array(79))).toThrow(new RangeError('79 bytes are no notification: it has 80'))
})

test('the calls', () => {
  expect([...pollListener(5), receive(5)].map((call) => call.retry)).toEqual([['EINTR'], ['EINTR'], ['EINTR']])
  const program = [receive(5), answer(5, '0x7', { value: 3 }), answer(5, '0x7', { errno: 'EPERM' }), answer(5, '0x7', { proceed: true }), answerWithDescriptor(5, '0x7', 9, { closeOnExec: true }), stillWaits(5, '0x7'), ...takeListener(77, 4)]
  expect(explain(program, { why: false })).toEqual([
    'ioctl(5, SECCOMP_IOCTL_NOTIF_RECV, …)',
    'ioctl(5, SECCOMP_IOCTL_NOTIF_SEND, {id=0x7, val=3, error=0, flags=0})',
    'ioctl(5, SECCOMP_IOCTL_NOTIF_SEND, {id=0x7, val=0, error=-EPERM, flags=0})',
    'ioctl(5, SECCOMP_IOCTL_NOTIF_SEND, {id=0x7, val=0, error=0, flags=SECCOMP_USER_NOTIF_FLAG_CONTINUE})',
    'ioctl(5, SECCOMP_IOCTL_NOTIF_ADDFD, {id=0x7, flags=SECCOMP_ADDFD_FLAG_SEND, srcfd=9, newfd=0, newfd_flags=O_CLOEXEC})',
    'ioctl(5, SECCOMP_IOCTL_NOTIF_ID_VALID, [0x7])',
    'pidfd_open(77, 0)', 'pidfd_getfd(3<process>, 4, 0)', 'close(3<process>)',
  ])
})

test('what a listener has to offer, whichever of the two came first', () => {
  expect(explain(pollListener(5), { why: false })).toEqual(['ppoll([{fd=5, events=POLLIN}], 1, {tv_sec=0, tv_nsec=0}, NULL, 8)', 'ppoll([{fd=5, events=0}], 1, {tv_sec=0, tv_nsec=0}, NULL, 8)'])
  expect([[0, 0], [1, 0], [1, 1], [0, 1]].map(listenerState)).toEqual(['quiet', 'asks', 'ended', 'ended'])
})
