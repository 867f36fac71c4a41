import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync, readlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { elf } from '@ctr/elf'
import { expect, test, describe } from 'vitest'
import { sys, SyscallError } from '@ctr/syscall'
import { launch, SpawnError, type LaunchOptions } from './index.ts'
import { maxCalls } from './layout.ts'
import { images } from '../test/images.ts'
import { census, expectNothingLeft } from '../test/leaks.ts'
import { run, shell, text } from '../test/shell.ts'

const warm = run('true')

describe.each(images)('as a %s', (image) => {
  const options: LaunchOptions = { image, namespaces: ['CLONE_NEWPID'] }

  test('is PID 1 of a new PID namespace', async () => {
    expect((await run('echo $$', options)).out).toBe('1\n')
  })

  test('ends with the status of the program', async () => {
    for (const code of [0, 1, 7, 255]) expect((await run(`exit ${code}`, options)).exit).toMatchObject({ code, signal: null, status: code })
  })

  test.each(['SIGTERM', 'SIGKILL', 'SIGSEGV', 'SIGUSR1'] as const)('ends by %s', async (signal) => {
    const { exit } = await run(`kill -${signal.slice(3)} $$`, { image })
    expect(exit).toMatchObject({ code: null, signal, status: 128 + { SIGTERM: 15, SIGKILL: 9, SIGSEGV: 11, SIGUSR1: 10 }[signal] })
  })

  test('says what it used', async () => {
    const { exit } = await run('i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done', options)
    expect(exit.userMicros + exit.systemMicros).toBeGreaterThan(1000)
    expect(exit.maxRssBytes).toBeGreaterThan(100_000)
  })

  test('runs to its end without an execve', async () => {
    const p = await launch([sys.write(1, 'hello\n', 'greet')], { ...options, stdio: ['ignore', 'pipe', 'ignore'] })
    expect(await text(p.stdout)).toBe('hello\n')
    expect(await p.exited).toMatchObject({ code: 0 })
  })

  test('ends where the program says so', async () => {
    const p = await launch([sys.exit_group(7, 'that is all')], options)
    expect(await p.exited).toMatchObject({ code: 7 })
    const plain = await launch([sys.exit_group(8, 'that is all')], { image, detached: true })
    expect(await plain.exited).toMatchObject({ code: 8 })
  })

  test('reports the call that failed', async () => {
    const program = [sys.chdir('/', 'somewhere'), sys.execve('/nope', ['nope'], [], 'there is nothing')]
    const error = (await launch(program, options).catch((e: unknown) => e)) as SyscallError
    expect(error).toBeInstanceOf(SyscallError)
    expect(error).toMatchObject({ code: 'ENOENT', syscall: 'execve', path: '/nope' })
    expect(error.message).toContain('execve("/nope", ["nope"], []): ENOENT')
    expect(error.index).toBe(error.of - 1)
  })

  test('of several candidates for execve, the first that is there says what is wrong', async () => {
    const candidates = [sys.execve('/nope', ['x'], [], { why: 'first', allow: ['ENOENT', 'EACCES'] }), sys.execve('/etc/passwd', ['x'], [], { why: 'second', allow: ['ENOENT', 'EACCES'] }), sys.execve('/nada', ['x'], [], 'last')]
    await expect(launch(candidates, options)).rejects.toMatchObject({ code: 'EACCES', path: '/etc/passwd' })
  })

  test('goes on after an errno that is allowed, and knows a value that is not the one required', async () => {
    const p = await launch([sys.chdir('/nope', { why: 'it may be there', allow: ['ENOENT'] }), sys.write(1, 'on', 'greet')], { ...options, stdio: ['ignore', 'pipe', 'ignore'] })
    expect(await text(p.stdout)).toBe('on')
    await expect(launch([sys.read(0, { out: 8 }, { why: 'there is something', returns: 8 })], { ...options, stdio: 'ignore' })).rejects.toMatchObject({ code: 'ESHORT', syscall: 'read' })
  })

  test('makes tens of thousands of calls, and knows the one that failed', async () => {
    const many = Array.from({ length: 20_000 }, () => sys.close(99, { why: 'nobody knows whether it is open', allow: ['EBADF'] }))
    const p = await launch([...many, sys.exit_group(7, 'that is all')], { ...options, trace: true })
    expect(await p.exited).toMatchObject({ code: 7 })
    expect(p.times()).toHaveLength(p.plan.program.length - 1)
    await expect(launch([...many, sys.chdir('/nope', 'it is not there')], options)).rejects.toMatchObject({ code: 'ENOENT', index: p.plan.program.length - 1 })
  })

  test('gives descriptors to later calls, in arguments and in structs', async () => {
    const program = [
      sys.openat('AT_FDCWD', '/etc', ['O_PATH', 'O_CLOEXEC'], 0, { as: 'etc', why: 'a directory' }),
      sys.openat({ fd: 'etc' }, 'passwd', ['O_RDONLY', 'O_CLOEXEC'], 0, { as: 'file', why: 'a file in it' }),
      sys.ppoll([{ fd: { fd: 'file' }, events: ['POLLIN'] }], { tv_sec: 0, tv_nsec: 0 }, { why: 'a file is always readable', returns: 1 }),
      sys.dup3({ fd: 'file' }, 0, [], 'the command reads it'),
      sys.execve('/usr/bin/head', ['head', '-c', '4'], [], 'look'),
    ]
    const p = await launch(program, { ...options, stdio: ['ignore', 'pipe', 'inherit'] })
    expect(await text(p.stdout)).toBe('root')
  })

  test('passes descriptors under names', async () => {
    await warm
    const before = await census()
    const names = Object.fromEntries(Array.from({ length: 8 }, (_, i) => [`extra ${i}`, 2 - (i % 3)]))
    const p = await launch([sys.dup3({ fd: 'extra 7' }, 2, [], 'the last is the first'), shell('exit 3')], { image, pass: names, stdio: 'ignore' })
    expect(await p.exited).toMatchObject({ code: 3 })
    await expectNothingLeft(before)
  })
})

test('has a pidfd and a PID, which mean it', async () => {
  await using p = await launch([shell('sleep 60')], { stdio: 'ignore' })
  expect(readFileSync(`/proc/self/fdinfo/${p.pidfd}`, 'latin1')).toContain(`\nPid:\t${p.pid}\n`)
  expect(readFileSync(`/proc/${p.pid}/comm`, 'latin1')).toBe('sh\n')
})

test('is killed, once', async () => {
  const p = await launch([shell('sleep 60')], { stdio: 'ignore' })
  expect(p.kill('SIGTERM')).toBe(true)
  expect(await p.exited).toMatchObject({ signal: 'SIGTERM', status: 143 })
  expect(p.kill()).toBe(false)
})

test('a process that has ended is not mistaken for one that has its pidfd now', async () => {
  const first = await launch([shell('sleep 0.1')], { stdio: 'ignore' })
  const number = first.pidfd
  await first.exited
  expect(first.pidfd).toBe(-1)
  await first.closed
  await using second = await launch([shell('sleep 60')], { stdio: 'ignore' })
  // Something of the second has the number now.
  expect(readlinkSync(`/proc/self/fd/${number}`)).toContain('pidfd')
  expect(first.kill()).toBe(false)
  expect(existsSync(`/proc/${second.pid}/fd/0`)).toBe(true)
})

test('ends with its scope', async () => {
  await warm
  const before = await census()
  let pid: number
  {
    await using p = await launch([shell('sleep 60')], { stdio: 'pipe', namespaces: ['CLONE_NEWPID'] })
    pid = p.pid
  }
  expect(existsSync(`/proc/${pid}`)).toBe(false)
  await expectNothingLeft(before)
})

test('what dies as soon as it is executed has been executed', async () => {
  await warm
  const before = await census()
  const folder = mkdtempSync(join(tmpdir(), 'launch-'))
  const file = join(folder, 'ctr')
  // Zeros are no instruction on arm64, and a write to address 0 on x86-64.
  writeFileSync(file, elf({ machine: process.arch as 'x64', code: new Uint8Array(4) }), { mode: 0o755 })
  try {
    for (let i = 0; i < 150; i++) {
      const p = await launch([sys.execve(file, ['x'], [], 'it dies')], { stdio: 'ignore', ...[{ detached: true }, { namespaces: ['CLONE_NEWPID'] as const }, { image: 'file' as const, detached: true }][i % 3] })
      expect((await p.exited).signal).toMatch(/^SIG(SEGV|ILL)$/)
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
  await expectNothingLeft(before)
})

test('says that it cannot be started at all', async () => {
  await warm
  const before = await census()
  await expect(launch([shell('true')], { pass: { x: 4000 } })).rejects.toBeInstanceOf(SpawnError)
  await expect(launch([shell('true')], { cgroup: '/nope' })).rejects.toMatchObject({ code: 'ENOENT' })
  await expectNothingLeft(before)
})

test('refuses what cannot be meant before anything runs', async () => {
  await warm
  const before = await census()
  await expect(launch([shell('true')], { pass: { control: 1 } })).rejects.toThrow('"control"')
  await expect(launch([shell('true')], { namespaces: ['CLONE_VM'] })).rejects.toThrow('CLONE_VM')
  await expect(launch([shell('true')], { stdio: 'pip' as 'pipe' })).rejects.toThrow('"pip"')
  await expect(launch([sys.close_range(3, 100, [], 'all of them'), shell('true')])).rejects.toThrow('control socket')
  await expect(launch(Array(maxCalls + 1).fill(sys.getpid('again')))).rejects.toThrow(`room for ${maxCalls}`)
  await expectNothingLeft(before)
})
