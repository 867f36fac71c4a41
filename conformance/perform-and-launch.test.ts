import { lstatSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { sys, SyscallError, type Program, type Syscall } from '../packages/syscall/src/index.ts'
import { perform } from '../packages/syscall/src/perform.ts'
import { launch, planFor, type LaunchOptions } from '../packages/launch/src/index.ts'
import { images } from '../packages/launch/test/images.ts'

/** All that is below a directory, as text. */
function tree(at: string): string[] {
  return readdirSync(at, { recursive: true, encoding: 'utf8' }).sort().map((name) => {
    const path = join(at, name)
    const stat = lstatSync(path)
    const content = stat.isSymbolicLink() ? ` -> ${readlinkSync(path)}` : stat.isFile() ? ` ${JSON.stringify(readFileSync(path, 'utf8'))}` : ''
    return `${stat.mode.toString(8)} ${stat.uid} ${stat.gid} ${name}${content}`
  })
}

/** What can be seen of a program: the files it leaves, and the error it ends with. */
async function observed(program: Program, run: (program: Program) => unknown) {
  const folder = mkdtempSync(join(tmpdir(), 'both-'))
  const within = [sys.openat('AT_FDCWD', folder, ['O_PATH', 'O_DIRECTORY', 'O_CLOEXEC'], 0, { as: 'folder', why: 'a place to work in' }), ...program]
  try {
    const error = await Promise.resolve().then(() => run(within)).then(() => undefined, (e: unknown) => e)
    if (error !== undefined && !(error instanceof SyscallError)) throw error
    return { files: tree(folder), error: error && { code: error.code, errno: error.errno, syscall: error.syscall, hint: error.hint, fromEnd: error.of - error.index, first: error.message.split('\n')[0] } }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

const byPerform = (program: Program) => void perform(program)
const byLaunch = (options: LaunchOptions) => async (program: Program) => {
  const p = await launch(program, { stdio: 'ignore', ...options })
  expect(await p.exited).toMatchObject({ code: 0 })
  expect(planFor(program, options).program.slice(-program.length)).toEqual(program)
}
const ways: LaunchOptions[] = [...images.map((image) => ({ image })), { detached: true }, { trace: true, step: () => {} }]

async function expectSame(program: Program, options: readonly LaunchOptions[] = ways) {
  const expected = await observed(program, byPerform)
  for (const each of options) expect(await observed(JSON.parse(JSON.stringify(program)) as Program, byLaunch(each))).toEqual(expected)
  return expected
}

const folder = { fd: 'folder' } as const
const create = (name: string, as: string) => sys.openat(folder, name, ['O_RDWR', 'O_CREAT', 'O_CLOEXEC'], 0o640, { as, why: 'a file' })

test('files, descriptors by name, links and modes', async () => {
  const { files, error } = await expectSame([
    sys.umask(0o22, 'as it usually is'), create('a', 'a'), sys.write({ fd: 'a' }, 'text "of" a\n', 'some text'), sys.fchmod({ fd: 'a' }, 0o4711, 'all the bits'),
    sys.mkdirat(folder, 'd', 0o2750, 'a directory'), sys.symlinkat('../a', folder, 'd/link', 'a link'), sys.linkat(folder, 'a', folder, 'd/hard', [], 'two names'),
    sys.openat(folder, 'd', ['O_PATH', 'O_CLOEXEC'], 0, { as: 'd', why: 'a directory to work in' }), sys.renameat2({ fd: 'd' }, 'hard', folder, 'b', ['RENAME_NOREPLACE'], 'a better name'),
    sys.close({ fd: 'a' }, 'a number is free'), create('c', 'a'), sys.write({ fd: 'a' }, { hex: '00ff80' }, 'any bytes'), sys.fchownat(folder, 'c', 5, 6, [], 'somebody else'),
  ])
  expect(error).toBeUndefined()
  expect(files).toHaveLength(5)
})

test('errors that are allowed, tried again, and required values', async () => {
  await expectSame([sys.unlinkat(folder, 'none', [], { why: 'it may be there', allow: ['ENOENT'] }), create('a', 'a')])
  await expectSame([sys.unlinkat(folder, 'none', [], { why: 'it may come', retry: ['ENOENT'] }), create('a', 'a')])
  await expectSame([create('a', 'a'), sys.write({ fd: 'a' }, 'abc', { why: 'all of it', returns: 3 }), sys.read({ fd: 'a' }, { out: 1 }, { why: 'there is more', returns: 1 }), create('b', 'b')])
})

test.each<[string, Syscall]>([
  ['ENOENT', sys.unlinkat(folder, 'none', [], 'it must be there')],
  ['EEXIST', sys.mkdirat(folder, 'a', 0o755, 'it must be new')],
  ['ENOTDIR', sys.openat(folder, 'a/b', ['O_RDONLY'], 0, 'a must be a directory')],
  ['ELOOP', sys.openat(folder, 'loop', ['O_RDONLY'], 0, 'it must lead somewhere')],
  ['EBADF', sys.fchdir(99, 'it must be open')],
  ['EINVAL', sys.renameat2(folder, '.', folder, 'a/x', ['RENAME_WHITEOUT', 'RENAME_EXCHANGE'], 'not both')],
  ['EXDEV', sys.openat2(folder, '/etc', { flags: ['O_PATH'], resolve: ['RESOLVE_BENEATH'] }, 'it must be below')],
])('%s is the same error', async (code, call) => {
  const { error } = await expectSame([create('a', 'a'), sys.symlinkat('loop', folder, 'loop', 'a circle'), call, create('never', 'x')])
  expect(error).toMatchObject({ code, fromEnd: 2 })
})

// Any straight line of calls on a few names: what is left and how it ends is the same, whoever makes them. No link leads anywhere: `t` is none of
// the names, so nothing is made or read outside.
const name = fc.constantFrom('a', 'b', 'a/b', 'c', 'c/a')
const call = fc.oneof(
  fc.record({ n: name, mode: fc.integer({ min: 0, max: 0o7777 }) }).map(({ n, mode }) => sys.mkdirat(folder, n, mode | 0o700, { why: 'one of many', allow: ['EEXIST'] })),
  fc.record({ n: name, as: fc.constantFrom('x', 'y') }).map(({ n, as }) => sys.openat(folder, n, ['O_RDWR', 'O_CREAT', 'O_CLOEXEC'], 0o644, { as, why: 'one of many' })),
  fc.record({ as: fc.constantFrom('folder', 'x'), text: fc.string({ maxLength: 20 }) }).map(({ as, text }) => sys.write({ fd: as }, text, { why: 'one of many', allow: ['EBADF'] })),
  fc.tuple(name, name).map(([from, to]) => sys.renameat2(folder, from, folder, to, [], { why: 'one of many', allow: ['ENOENT', 'EINVAL', 'ENOTEMPTY', 'ENOTDIR', 'EISDIR', 'EEXIST'] })),
  fc.tuple(fc.string({ minLength: 1, maxLength: 9 }).filter((text) => !text.includes('\0')), name).map(([text, n]) => sys.symlinkat(`t${text}`, folder, n, { why: 'one of many', allow: ['EEXIST', 'ENOENT', 'ENOTDIR'] })),
  name.map((n) => sys.unlinkat(folder, n, [], { why: 'one of many', allow: ['ENOENT', 'EISDIR'] })),
)

test('any program', { timeout: 60_000 }, async () => {
  await fc.assert(fc.asyncProperty(fc.array(call, { maxLength: 12 }), async (calls) => {
    // x is open from the start, so that every program refers to what is there.
    await expectSame([sys.umask(0o22, 'as it usually is'), create('start', 'x'), ...calls], [{}])
  }), { numRuns: 100 })
})
