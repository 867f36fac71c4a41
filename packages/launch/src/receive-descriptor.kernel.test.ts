import { closeSync, fstatSync, openSync, readlinkSync } from 'node:fs'
import { sys } from '@ctr/syscall'
import { perform } from '@ctr/syscall/perform'
import { expect, test } from 'vitest'
import { openTerminal, takeTerminal, terminalCheckpoint } from './calls.ts'
import { launch } from './index.ts'
import { messageSockets, receiveMaster, TerminalStreams } from './terminal.ts'
import { receiveDescriptor, receiveMessage } from './receive-descriptor.ts'

test('a descriptor that comes with a message is another of the same file; without one there is none', () => {
  const [ours, theirs] = messageSockets()
  const file = openSync('/proc/self/status', 'r')
  try {
    expect(receiveDescriptor(ours)).toBeUndefined()
    perform([sys.sendmsg({ fd: 'socket' }, { bytes: 'x', fds: [file] }, [], 'to be received')], { socket: theirs })
    const received = receiveDescriptor(ours)!
    expect([received === file, fstatSync(received).ino, readlinkSync(`/proc/self/fd/${received}`)]).toEqual([false, fstatSync(file).ino, readlinkSync(`/proc/self/fd/${file}`)])
    closeSync(received)
    perform([sys.write({ fd: 'socket' }, 'x', 'nothing comes with it')], { socket: theirs })
    expect(receiveDescriptor(ours)).toBeUndefined()
    expect(() => receiveDescriptor(file)).toThrow('recvmsg: ENOTSOCK')
  } finally {
    for (const fd of [ours, theirs, file]) closeSync(fd)
  }
})

test('a message is as long as it was sent, cut where there is no room, and empty at the end of file', () => {
  const [ours, theirs] = messageSockets()
  const text = (most: number) => new TextDecoder().decode(receiveMessage(ours, most)!.bytes)
  expect(receiveMessage(ours, 10)).toBeUndefined()
  for (const bytes of ['hello', 'too long for it']) perform([sys.write({ fd: 'socket' }, bytes, 'to be received')], { socket: theirs })
  expect([text(10), text(10)]).toEqual(['hello', 'too long f'])
  closeSync(theirs)
  expect(receiveMessage(ours, 10)).toEqual({ bytes: new Uint8Array(0) })
  closeSync(ours)
})

test('a process sends its side of a terminal, and nobody has to take it', async () => {
  const [ours, theirs] = messageSockets()
  let streams: TerminalStreams | undefined
  const process = await launch([
    sys.setsid('the terminal is to be its session\'s'), ...openTerminal(0, { sendTo: 'out' }), ...takeTerminal(), sys.execve('/bin/sh', ['sh', '-c', 'tty; stty size'], ['PATH=/usr/bin:/bin'], 'what it is all for'),
  ], { stdio: 'ignore', pass: { out: theirs }, checkpoints: { [terminalCheckpoint]: () => { streams = new TerminalStreams(receiveMaster(ours, { columns: 70, rows: 20 })!) } } })
  let text = ''
  streams!.output.on('data', (chunk: Buffer) => { text += String(chunk) })
  await process.exited
  await expect.poll(() => text).toMatch(/^\/dev\/pts\/\d+\r\n20 70\r\n$/)
  for (const fd of [ours, theirs]) closeSync(fd)
  streams!.output.destroy()
})
