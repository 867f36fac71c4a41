import { spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { release, tmpdir } from 'node:os'
import { join } from 'node:path'
import { launch } from '@ctr/launch'
import { sys, type Program } from '@ctr/syscall'
import { perform } from '@ctr/syscall/perform'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { read, readFileCapabilities, removeFileCapabilities, setFileCapabilities, type FileCapabilities } from './index.ts'

const root = process.getuid?.() === 0 && read().effective.includes('CAP_SETFCAP')
const value: FileCapabilities = { permitted: ['CAP_NET_BIND_SERVICE', 'CAP_CHECKPOINT_RESTORE'], inheritable: ['CAP_NET_RAW'], effective: true }

let directory: string
let file: string
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'ctr-caps-'))
  chmodSync(directory, 0o777)
  file = join(directory, 'file')
  writeFileSync(file, '', { mode: 0o666 })
  symlinkSync('file', join(directory, 'link'))
})
afterAll(() => rmSync(directory, { recursive: true }))

describe.skipIf(!root)('file capabilities (need root)', () => {
  test('are what was written, and none when they are removed', () => {
    perform(removeFileCapabilities(file))
    expect(readFileCapabilities(file)).toBeUndefined()
    perform(setFileCapabilities(file, value))
    expect(readFileCapabilities(file)).toEqual({ ...value, revision: 2, unknown: [] })
    perform(removeFileCapabilities(file))
    expect(readFileCapabilities(file)).toBeUndefined()
  })

  test('of another user namespace have its root user', () => {
    perform(setFileCapabilities(file, { ...value, rootId: 1000 }))
    expect(readFileCapabilities(file)).toEqual({ ...value, revision: 3, rootId: 1000, unknown: [] })
  })

  test('written in a user namespace get its root user', async () => {
    perform(removeFileCapabilities(file))
    const idMaps = { uid: [[0, 100000, 65536]], gid: [[0, 100000, 65536]] } as const
    perform([sys.fchownat('AT_FDCWD', file, 100000, 100000, [], 'only files of mapped users can be given any')])
    const child = await launch([sys.setresgid(0, 0, 0, 'be root inside'), sys.setresuid(0, 0, 0, 'be root inside'), ...setFileCapabilities(file, value), sys.execve('/bin/true', ['true'], [], 'that is all')], { namespaces: ['CLONE_NEWUSER'], idMaps })
    expect((await child.exited).code).toBe(0)
    expect(readFileCapabilities(file)).toEqual({ ...value, revision: 3, rootId: 100000, unknown: [] })
  })

  test.skipIf(spawnSync('getcap', ['-h']).error !== undefined)('are what libcap reads (needs getcap)', () => {
    perform(setFileCapabilities(file, value))
    const { stdout } = spawnSync('getcap', [file], { encoding: 'utf8' })
    expect(stdout.trim()).toBe(`${file} cap_net_raw=ei cap_net_bind_service,cap_checkpoint_restore+ep`)
  })

  test('every errno', async () => {
    const failing = async (program: Program, before: Program = []) => launch([...before, ...program, sys.execve('/nonexistent', ['x'], [], 'the end')]).then(() => 'none', (error: { code: string; syscall: string }) => `${error.code} ${error.syscall}`)
    const weak = [sys.setresuid(65534, 65534, 65534, 'no capability is left')]
    expect(await failing(setFileCapabilities(file, value), weak)).toBe('EPERM fsetxattr')
    // With the BPF LSM, as in Debian's kernels, whoever can open a file may take its capabilities away (seen on 6.1; mended in 6.10: lsm, "fixup the inode xattr capability handling").
    const [major, minor] = release().split('.').map(Number) as [number, number]
    expect(['EPERM fremovexattr', ...(major < 6 || (major === 6 && minor < 10) ? ['ENOENT execve'] : [])]).toContain(await failing(removeFileCapabilities(file), weak))
    expect(() => perform(setFileCapabilities(join(directory, 'link'), value))).toThrow(expect.objectContaining({ code: 'ELOOP', syscall: 'openat' }))
    expect(() => perform(setFileCapabilities(join(directory, 'none'), value))).toThrow(expect.objectContaining({ code: 'ENOENT', syscall: 'openat' }))
    expect(() => perform(setFileCapabilities('/proc/self/status', value))).toThrow(expect.objectContaining({ code: 'EOPNOTSUPP', syscall: 'fsetxattr' }))
    const readOnly = [sys.mount(directory, directory, null, ['MS_BIND'], null, 'it becomes a mount of its own'), sys.mount(null, directory, null, ['MS_BIND', 'MS_REMOUNT', 'MS_RDONLY'], null, 'nothing can be written')]
    const own = launch([sys.mount(null, '/', null, ['MS_REC', 'MS_PRIVATE'], null, 'the host must not see it'), ...readOnly, ...setFileCapabilities(file, value), sys.execve('/nonexistent', ['x'], [], 'the end')], { namespaces: ['CLONE_NEWNS'] })
    await expect(own).rejects.toMatchObject({ code: 'EROFS', syscall: 'fsetxattr' })
  })

  test('what is no value is refused by the kernel as by us', () => {
    const raw = (hex: string) => perform([sys.openat('AT_FDCWD', file, ['O_RDONLY', 'O_CLOEXEC'], 0, { as: 'file', why: 'it gets an attribute' }), sys.fsetxattr({ fd: 'file' }, 'security.capability', { hex }, [], 'it is none'), sys.close({ fd: 'file' }, 'it is done')])
    for (const hex of ['01', '0100000200040000', '0100000400040000000000000000000000000000']) expect(() => raw(hex)).toThrow(expect.objectContaining({ code: 'EINVAL', syscall: 'fsetxattr' }))
  })
})
