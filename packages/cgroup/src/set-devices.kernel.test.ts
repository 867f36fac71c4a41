import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { perform } from '@ctr/syscall/perform'
import { afterEach, describe, expect, test } from 'vitest'
import { CgroupError, child, create, deviceCalls, setDevices, type DeviceRule, type Group } from './index.ts'
import { cleanUp, layout, leftovers, scratch, startIn, unable, unifiedView } from '../test/scratch.ts'

/** A hybrid machine can do it both ways. */
const ways = [...(layout.mode === 'v2' ? [] : [['v1 files', layout] as const]), ...(unifiedView ? [['a BPF program', unifiedView] as const] : [])]

const zero: DeviceRule = { allow: true, type: 'c', major: 1, minor: 5, access: 'r' }
const nothing: DeviceRule = { allow: true, type: 'c', major: 1, minor: 3, access: 'rw' }
/** A shell needs it for its redirections. */
const terminal: DeviceRule = { allow: true, type: 'c', major: 5 }

describe.skipIf(unable).each(ways)(`devices by %s${unable ? `: ${unable}` : ''}`, (_, view) => {
  afterEach(async () => {
    await cleanUp()
    expect(leftovers()).toEqual([])
  })

  /** Which of these a process in the group can open: null for writing, zero for reading, full for reading. */
  async function opened(made: Group): Promise<string> {
    const { output } = await startIn(made, 'sh', '-c', 'for way in ">/dev/null" "</dev/zero" "</dev/full"; do (eval ": $way") 2>&1 | grep -q "not permitted" && echo no || echo yes; done').exit
    return output.trim().split('\n').join(' ')
  }

  test('what is allowed works, and nothing else: EPERM', async () => {
    const made = create(scratch(view))
    await setDevices(made, [nothing, zero, terminal])
    expect(await opened(made)).toBe('yes yes no')
  })

  test('new rules take the place of the old ones, also more than once', async () => {
    const made = create(scratch(view))
    await setDevices(made, [nothing])
    expect(await opened(made)).toBe('yes no no')
    await setDevices(made, [zero])
    await setDevices(made, [{ allow: true, type: 'a' }, { allow: false, type: 'c', major: 1, minor: 5, access: 'r' }])
    expect(await opened(made)).toBe('yes no yes')
  })

  test('an empty list refuses all; the groups below are bound too', async () => {
    const made = create(scratch(view))
    await setDevices(made, [])
    expect(await opened(create(child(made, 'a')))).toBe('no no no')
  })

  test('mknod is one of the kinds of access', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'ctr-test-'))
    try {
      const made = create(scratch(view))
      await setDevices(made, [{ allow: true, type: 'c', major: 1, access: 'rw' }, { allow: true, type: 'b', access: 'm' }])
      const { output } = await startIn(made, 'sh', '-c', `cd ${directory}; mknod char c 1 3; mknod block b 7 200; ls`).exit
      expect(output).toMatch(/char.*not permitted/)
      expect(output.trim().split('\n').at(-1)).toBe('block')
    } finally {
      rmSync(directory, { recursive: true })
    }
  })

  test('a group that is not there is ENOENT', async () => {
    await expect(setDevices(scratch(view), [nothing])).rejects.toMatchObject({ code: 'ENOENT', hint: 'the group does not exist in this hierarchy' })
  })

  const program = view.mode === 'v2'
  test.skipIf(program)('EINVAL: the default of a v1 group with children stays (v1 files)', async () => {
    const made = create(scratch(view))
    create(child(made, 'a'))
    const error = await setDevices(made, []).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(CgroupError)
    expect(error).toMatchObject({ code: 'EINVAL', hint: 'the group has children: only without any can all devices be allowed or refused' })
  })

  test.skipIf(!program)('several programs: none is replaced by guessing, and all must say yes (a BPF program)', async () => {
    const made = create(scratch(view))
    perform(deviceCalls(made, [nothing, zero, terminal]))
    perform(deviceCalls(made, [nothing, { ...zero, minor: 7 }, terminal]))
    expect(await opened(made)).toBe('yes no no')
    await expect(setDevices(made, [])).rejects.toMatchObject({ code: 'EEXIST', hint: expect.stringMatching(/^several device programs are attached \(ids \d+, \d+\)/) })
  })
})
