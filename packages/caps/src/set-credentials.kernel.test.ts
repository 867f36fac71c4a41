import { chmodSync, cpSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { checkpoint, launch } from '@ctr/launch'
import { sys, SyscallError, type Program } from '@ctr/syscall'
import { perform } from '@ctr/syscall/perform'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { afterExec, capabilities, lastCap, noSets, parseStatus, read, readSecurebits, readThreads, removeFileCapabilities, securebits, setCredentials, setFileCapabilities, type Capability, type CapabilitySets, type Credentials, type FileCapabilities, type Securebit } from './index.ts'

const root = process.getuid?.() === 0 && read().effective.includes('CAP_SETPCAP')
const available = read().bounding
const nobody = { lastCap: lastCap(), uid: 65534, gid: 65534, groups: [] } as const

let directory: string
/** A copy of cat, for capabilities of its own. */
let cat: string
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'ctr-caps-'))
  chmodSync(directory, 0o755)
  cat = join(directory, 'cat')
  cpSync(realpathSync('/bin/cat'), cat)
})
afterAll(() => rmSync(directory, { recursive: true }))

async function inside(program: Program, command = '/bin/cat'): Promise<CapabilitySets | string> {
  try {
    const child = await launch([...program, sys.execve(command, ['cat', '/proc/self/status'], [], 'look from inside')], { stdio: ['ignore', 'pipe', 'inherit'] })
    let text = ''
    for await (const chunk of child.stdout!) text += chunk
    const { noNewPrivs: _, ...sets } = parseStatus(text)
    return sets
  } catch (error) {
    if (error instanceof SyscallError && error.syscall === 'execve') return error.code
    throw error
  }
}

/** What the program fails with: the first line of the error, `setuid(1): EPERM`. */
async function failure(program: Program): Promise<string> {
  try {
    await launch([...program, sys.execve('/nonexistent', ['x'], [], 'the end, if nothing fails before')])
  } catch (error) {
    if (error instanceof SyscallError) return error.message.split('\n')[0]!
    throw error
  }
  return 'none'
}

describe.skipIf(!root)('credentials (need root)', () => {
  test('are before execve exactly what was asked for, all five sets', async () => {
    const sets = { bounding: ['CAP_CHOWN', 'CAP_KILL', 'CAP_SETPCAP'], permitted: ['CAP_CHOWN', 'CAP_KILL', 'CAP_NET_RAW'], effective: ['CAP_KILL'], inheritable: ['CAP_CHOWN', 'CAP_SYS_TIME'], ambient: ['CAP_CHOWN'] } as const
    for (const uid of [0, 1000]) expect(await before({ ...nobody, uid, sets })).toMatchObject({ ...sets, noNewPrivs: false })
    expect(await before({ ...nobody, sets, securebits: securebits.filter((name) => name !== 'SECBIT_KEEP_CAPS'), noNewPrivs: true })).toMatchObject({ ...sets, noNewPrivs: true })
  })

  test('become, at execve, what afterExec says: random sets, users, securebits, files', async () => {
    const some = available.filter((name) => ['CAP_CHOWN', 'CAP_KILL', 'CAP_SETPCAP', 'CAP_NET_RAW', 'CAP_CHECKPOINT_RESTORE'].includes(name))
    const subset = fc.subarray(some)
    const file = fc.option(fc.record({ permitted: subset, inheritable: subset, effective: fc.boolean() }), { nil: undefined })
    const random = fc.record({ bounding: subset, permitted: subset, inheritable: subset, uid: fc.constantFrom(0, 65534), file, bits: fc.subarray(['SECBIT_NOROOT', 'SECBIT_NO_SETUID_FIXUP'] as const), noNewPrivs: fc.boolean() })
    for (const { bounding, permitted, inheritable, uid, file, bits, noNewPrivs } of fc.sample(random, { numRuns: 60, seed: 4 })) {
      const sets = { bounding, permitted, effective: permitted, inheritable, ambient: permitted.filter((name) => inheritable.includes(name)) }
      give(file)
      const got = await inside(setCredentials({ ...nobody, uid, gid: uid, sets, securebits: bits, noNewPrivs }), cat)
      expect({ sets, uid, bits, file, noNewPrivs, got }).toEqual({ sets, uid, bits, file, noNewPrivs, got: afterExec({ sets, uid, securebits: bits, noNewPrivs, ...(file ? { file } : {}) }) })
    }
    give(undefined)
  })

  test('a set that the thread cannot have is refused by the kernel', async () => {
    const held = capabilities.filter((name) => name !== 'CAP_KILL' && available.includes(name))
    const less = sys.capset({ effective: held, permitted: held, inheritable: [] }, 'start with one capability less')
    const want = { ...noSets, permitted: ['CAP_KILL'], bounding: available } as const
    expect(await failure([less, ...setCredentials({ ...nobody, sets: want })])).toBe('capset({version=_LINUX_CAPABILITY_VERSION_3, pid=0}, {effective=0, permitted=1<<CAP_KILL, inheritable=0}): EPERM')
  })

  test('every errno of the calls behind it', async () => {
    const without = (...names: readonly Capability[]) => available.filter((name) => !names.includes(name))
    const only = (held: readonly Capability[], inheritable: readonly Capability[] = []) => sys.capset({ effective: held, permitted: held, inheritable }, 'start with these')
    const raise = sys.prctl('PR_CAP_AMBIENT', 'PR_CAP_AMBIENT_RAISE', 'CAP_KILL', 'it is to be ambient')
    const bits = (...names: readonly Securebit[]) => sys.prctl('PR_SET_SECUREBITS', names, 'they are to be set')
    const cases: readonly (readonly [string, Program])[] = [
      ['prctl(PR_CAPBSET_DROP, CAP_KILL): EPERM', [only(without('CAP_SETPCAP')), sys.prctl('PR_CAPBSET_DROP', 'CAP_KILL', 'without CAP_SETPCAP')]],
      ['prctl(PR_CAPBSET_DROP, 0x3f /* CAP_??? */): EINVAL', [sys.prctl('PR_CAPBSET_DROP', 63, 'no kernel has so many')]],
      ['prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_KILL, 0, 0): EPERM', [only(available), raise]],
      ['prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_KILL, 0, 0): EPERM', [only(available, ['CAP_KILL']), bits('SECBIT_NO_CAP_AMBIENT_RAISE'), raise]],
      ['execve("/nonexistent", ["x"], []): ENOENT', [only(available, ['CAP_KILL']), raise]],
      ['prctl(PR_SET_SECUREBITS, SECBIT_NOROOT): EPERM', [only(without('CAP_SETPCAP')), bits('SECBIT_NOROOT')]],
      ['prctl(PR_SET_SECUREBITS, 0): EPERM', [bits('SECBIT_NOROOT', 'SECBIT_NOROOT_LOCKED'), bits()]],
      ['prctl(PR_SET_KEEPCAPS, 1): EPERM', [bits('SECBIT_KEEP_CAPS_LOCKED'), sys.prctl('PR_SET_KEEPCAPS', 1, 'the lock is on it')]],
      ['prctl(PR_SET_KEEPCAPS, 2): EINVAL', [sys.prctl('PR_SET_KEEPCAPS', 2, 'it is on or off')]],
      ['setgroups(0, NULL): EPERM', [only(without('CAP_SETGID')), sys.setgroups([], 'without CAP_SETGID')]],
      ['setresgid(1, 1, 1): EPERM', [only(without('CAP_SETGID')), sys.setresgid(1, 1, 1, 'without CAP_SETGID')]],
      ['setresuid(1, 1, 1): EPERM', [only(without('CAP_SETUID')), sys.setresuid(1, 1, 1, 'without CAP_SETUID')]],
      ['capset({version=_LINUX_CAPABILITY_VERSION_3, pid=0}, {effective=0, permitted=0, inheritable=1<<CAP_KILL}): EPERM', [sys.prctl('PR_CAPBSET_DROP', 'CAP_KILL', 'it leaves the bounding set'), only([]), only([], ['CAP_KILL'])]],
    ]
    for (const [wanted, program] of cases) expect(await failure(program)).toBe(wanted)
  })

  test('securebits can be read by the thread itself, the sets of every thread by anyone', () => {
    expect(readSecurebits()).toEqual([])
    const threads = readThreads()
    expect(threads.size).toBeGreaterThan(3)
    expect(threads.get(process.pid)).toEqual(read())
    expect(() => readThreads(2 ** 22 + 1)).toThrow('ENOENT')
  })
})

/** The sets of the launched process when it has made the calls and executed nothing. */
async function before(credentials: Credentials): Promise<ReturnType<typeof parseStatus> | undefined> {
  let status: ReturnType<typeof parseStatus> | undefined
  const child = await launch([...setCredentials(credentials), ...checkpoint('look'), sys.execve('/bin/true', ['true'], [], 'it has been seen')], {
    checkpoints: { look: ({ pid }) => { status = parseStatus(readFileSync(`/proc/${pid}/status`, 'utf8')) } },
  })
  await child.exited
  return status
}

function give(file: FileCapabilities | undefined): void {
  perform(file === undefined ? removeFileCapabilities(cat) : setFileCapabilities(cat, file))
}
