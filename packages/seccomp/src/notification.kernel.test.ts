import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, mkdtempSync, openSync, readlinkSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { checkpoint, launch, type LaunchOptions } from '@ctr/launch'
import { sys, type Program } from '@ctr/syscall'
import { perform } from '@ctr/syscall/perform'
import { describe, expect, test } from 'vitest'
import { answer, answerWithDescriptor, compile, install, listenerState, parseNotification, pollListener, receive, stillWaits, takeListener, type Notification, type Profile } from './index.ts'

const root = process.getuid?.() === 0
const machine = process.arch === 'arm64' ? 'arm64' : 'x64'
const asks = (...names: readonly string[]): Profile => ({ defaultAction: 'SCMP_ACT_ALLOW', syscalls: [{ names, action: 'SCMP_ACT_NOTIFY' }] })
const thread = process.arch === 'arm64' ? 'SCMP_ARCH_AARCH64' : 'SCMP_ARCH_X86_64'

/** Launches the calls behind the filter, hands the listener over at a checkpoint, and answers what is asked. */
async function supervised(profile: Profile, calls: Program, answerer: (listener: number, notification: Notification) => void, options: LaunchOptions = {}): Promise<string> {
  const before = install(compile(profile, { machine }))
  let listener: number | undefined
  let [over, text] = [false, '']
  const launched = launch([...before, ...checkpoint('listener'), ...calls], { ...options, checkpoints: { listener: ({ pid }) => { listener = taken(pid) } } })
    .then(async (child) => {
      if (child.stdout) for await (const chunk of child.stdout) text += chunk
      const { code, signal } = await child.exited
      return signal ?? `exit ${code}`
    }, (error: { code: string; syscall: string }) => `${error.code} ${error.syscall}`)
    .finally(() => { over = true })
  while (!over) {
    await pause(1)
    if (listener === undefined) continue
    if (listenerState(perform(pollListener(listener)).results) === 'asks') answerer(listener, parseNotification(perform([receive(listener)]).outputs.get(0)!))
  }
  if (listener !== undefined) closeSync(listener)
  return text === '' ? await launched : text
}

/** The listener of a process that waits, by its number there: the one that says what it is. */
function taken(pid: number): number {
  const number = Array.from({ length: 64 }, (_, i) => i).find((i) => { try { return readlinkSync(`/proc/${pid}/fd/${i}`) === 'anon_inode:seccomp notify' } catch { return false } })
  return perform(takeListener(pid, number!)).fds.listener!
}

const end = sys.execve('/bin/true', ['true'], [], 'what it is all for')

describe.skipIf(!root)('a listener (needs root)', () => {
  test('sees the call, and lets it return what it wants', async () => {
    const seen: Notification[] = []
    const result = await supervised(asks('setpriority'), [sys.setpriority('PRIO_PROCESS', 0, -7, { why: 'it returns a value that it never would', returns: 4242 }), end], (listener, notification) => {
      seen.push(notification)
      perform([stillWaits(listener, notification.id), answer(listener, notification.id, { value: 4242 })])
    })
    expect(result).toBe('exit 0')
    expect(seen).toMatchObject([{ name: 'setpriority', architecture: thread }])
    expect(seen[0]!.args.slice(0, 2)).toEqual([0n, 0n])
    expect(BigInt.asIntN(32, seen[0]!.args[2]!)).toBe(-7n)
  })

  test('lets it fail, or be made', async () => {
    expect(await supervised(asks('gettid'), [sys.gettid('it is asked about'), end], (listener, { id }) => perform([answer(listener, id, { errno: 'EDQUOT' })]))).toBe('EDQUOT gettid')
    expect(await supervised(asks('gettid'), [sys.gettid('it is asked about'), end], (listener, { id }) => perform([answer(listener, id, { proceed: true })]))).toBe('exit 0')
  })

  test('gives it a descriptor that it could not open', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'ctr-seccomp-'))
    writeFileSync(join(directory, 'secret'), 'seen\n')
    const secret = openSync(join(directory, 'secret'), 'r')
    try {
      const calls = [sys.openat2('AT_FDCWD', '/nowhere', {}, { as: 'given', why: 'somebody else opens it' }), sys.dup3({ fd: 'given' }, 0, [], 'it is read as standard input'), sys.execve('/bin/cat', ['cat'], [], 'show it')]
      const text = await supervised(asks('openat2'), calls, (listener, { id }) => perform([answerWithDescriptor(listener, id, secret)]), { stdio: ['ignore', 'pipe', 'inherit'] })
      expect(text).toBe('seen\n')
    } finally {
      closeSync(secret)
      rmSync(directory, { recursive: true })
    }
  })

  // Half a second, in which this thread waits.
  test('is waited for in spite of signals', async () => {
    const sender = spawn('sh', ['-c', 'while kill -CHLD $PPID; do sleep 0.01; done'], { stdio: 'ignore' })
    const later = sys.clock_nanosleep('CLOCK_MONOTONIC', { tv_sec: 0, tv_nsec: 500_000_000 }, 'signals come first')
    let answered: unknown = 'nothing was asked'
    const answerNext = (listener: number) => {
      try {
        answered = parseNotification(perform([receive(listener)]).outputs.get(0)!)
        perform([answer(listener, (answered as Notification).id, { proceed: true })])
      } catch (error) {
        answered = error
      } finally {
        closeSync(listener)
      }
    }
    try {
      const launched = launch([...install(compile(asks('gettid'), { machine })), ...checkpoint('listener'), later, sys.gettid('it is asked about'), end], {
        checkpoints: {
          listener: ({ pid }) => {
            const listener = taken(pid)
            // The process goes on before.
            setImmediate(() => answerNext(listener))
          },
        },
      })
      const exit = await launched.then(async ({ exited }) => exited, (error: Error) => error)
      expect(answered).toMatchObject({ name: 'gettid' })
      expect(exit).toMatchObject({ code: 0 })
    } finally {
      sender.kill()
      await once(sender, 'exit')
    }
  })

  test('every errno', async () => {
    const codes: string[] = []
    const failing = (call: ReturnType<typeof answer>) => { try { perform([call]) } catch (error) { codes.push(`${(error as { code: string }).code} ${String(call.args[1])}`) } }
    await supervised(asks('gettid'), [sys.gettid('it is asked about'), end], (listener, { id }) => {
      failing(answerWithDescriptor(listener, id, 9999))
      failing(answer(listener, '0x1', { value: 0 }))
      failing(stillWaits(listener, '0x1'))
      perform([answer(listener, id, { proceed: true })])
      failing(answer(listener, id, { value: 0 }))
    })
    expect(codes.slice(0, 3)).toEqual(['EBADF SECCOMP_IOCTL_NOTIF_ADDFD', 'ENOENT SECCOMP_IOCTL_NOTIF_SEND', 'ENOENT SECCOMP_IOCTL_NOTIF_ID_VALID'])
    // Whichever the thread got to: it has taken the answer, or still has to.
    expect(['EINPROGRESS SECCOMP_IOCTL_NOTIF_SEND', 'ENOENT SECCOMP_IOCTL_NOTIF_SEND']).toContain(codes[3])
  })
})
