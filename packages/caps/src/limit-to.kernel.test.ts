import { readFileSync } from 'node:fs'
import { launch } from '@ctr/launch'
import { sys, type Program } from '@ctr/syscall'
import { expect, test } from 'vitest'
import { capabilities, defaultCapabilities, encode, lastCap, limitTo, parseStatus, read, resolve, type Capability, type Limits } from './index.ts'

const root = process.getuid?.() === 0 && read().effective.includes('CAP_SETPCAP')
const cat = (path: string) => sys.execve('/bin/cat', ['cat', path], [], 'look from inside')

async function inside(before: Program, limits: Partial<Limits>, path = '/proc/self/status'): Promise<string> {
  const program = [...before, ...limitTo({ capabilities: defaultCapabilities, lastCap: lastCap(), uid: 0, gid: 0, groups: [], ...limits }), cat(path)]
  const child = await launch(program, { namespaces: ['CLONE_NEWUTS'], stdio: ['ignore', 'pipe', 'inherit'] })
  let text = ''
  for await (const chunk of child.stdout!) text += chunk
  expect(await child.exited).toMatchObject({ code: 0 })
  return text
}

// A machine may hold back some of the default, as an outer container does.
const available = read().bounding
const of = (names: readonly Capability[]) => names.filter((name) => available.includes(name))
const line = (text: string, key: string) => new RegExp(`^${key}:\\s*(.*?)\\s*$`, 'm').exec(text)?.[1]

test.skipIf(!root)('user 0 has what was granted in three sets, and nothing in the others (needs root)', async () => {
  const status = parseStatus(await inside([], {}))
  const granted = of(defaultCapabilities)
  expect(status).toEqual({ inheritable: [], permitted: granted, effective: granted, bounding: granted, ambient: [], noNewPrivs: false })
})

test.skipIf(!root)('user 0 with nothing granted has nothing in any set (needs root)', async () => {
  expect(parseStatus(await inside([], { capabilities: [] }))).toEqual({ inheritable: [], permitted: [], effective: [], bounding: [], ambient: [], noNewPrivs: false })
})

test.skipIf(!root)('another user has a bounding set only, its ids and its groups (needs root)', async () => {
  const text = await inside([], { uid: 1234, gid: 56, groups: [7, 8], noNewPrivs: true })
  expect(parseStatus(text)).toEqual({ inheritable: [], permitted: [], effective: [], bounding: of(defaultCapabilities), ambient: [], noNewPrivs: true })
  expect([line(text, 'Uid'), line(text, 'Gid'), line(text, 'Groups')]).toEqual(['1234\t1234\t1234\t1234', '56\t56\t56\t56', '7 8'])
})

test.skipIf(!root)('another user keeps its ambient capabilities over execve (needs root)', async () => {
  const kept: readonly Capability[] = ['CAP_NET_BIND_SERVICE']
  expect(parseStatus(await inside([], { uid: 1234, gid: 56, ambient: kept }))).toMatchObject({ inheritable: kept, permitted: kept, effective: kept, ambient: kept })
})

test.skipIf(!root)('what is held until execve is gone after it (needs root)', async () => {
  for (const uid of [0, 1234]) {
    // Only CAP_SYS_ADMIN can name a host, and this comes after the credentials changed.
    const program = [...limitTo({ capabilities: [], lastCap: lastCap(), uid, gid: 0, untilExec: ['CAP_SYS_ADMIN'] }), sys.sethostname('late', 'CAP_SYS_ADMIN must still be effective'), cat('/proc/self/status')]
    const child = await launch(program, { namespaces: ['CLONE_NEWUTS'], stdio: ['ignore', 'pipe', 'inherit'] })
    let text = ''
    for await (const chunk of child.stdout!) text += chunk
    expect(parseStatus(text)).toMatchObject({ inheritable: [], permitted: [], effective: [], bounding: [], ambient: [] })
  }
})

test.skipIf(!root)('what was inherited does not remain (needs root)', async () => {
  const held = of(capabilities)
  const dirty: Program = [
    sys.capset({ effective: held, permitted: held, inheritable: ['CAP_CHOWN', 'CAP_NET_ADMIN'] }, 'start as a careless service manager would leave us'),
    sys.prctl('PR_CAP_AMBIENT', 'PR_CAP_AMBIENT_RAISE', 'CAP_NET_ADMIN', 'start with an ambient capability'),
  ]
  const status = parseStatus(await inside(dirty, { capabilities: ['CAP_CHOWN'] }))
  expect(status).toMatchObject({ inheritable: [], permitted: ['CAP_CHOWN'], effective: ['CAP_CHOWN'], bounding: ['CAP_CHOWN'], ambient: [] })
})

test.skipIf(!root)('ALL is what the caller itself could have (needs root)', async () => {
  const all = resolve({ add: ['ALL'], all: available })
  expect(parseStatus(await inside([], { capabilities: all }))).toMatchObject({ permitted: available, bounding: available })
})

test.skipIf(!root)('a capability that the caller does not have is refused (needs root)', async () => {
  const held = of(capabilities).filter((name) => name !== 'CAP_KILL')
  const lesser = [sys.capset({ effective: held, permitted: held, inheritable: [] }, 'start with one capability less')]
  await expect(inside(lesser, {})).rejects.toMatchObject({ code: 'EPERM', syscall: 'capset', hint: 'no capability can be added to the permitted set' })
})

test('reads its own sets, and those of others', () => {
  expect(read()).toEqual(parseStatus(readFileSync('/proc/thread-self/status', 'utf8')))
  expect(read(1).bounding.length).toBeGreaterThan(0)
  expect(encode(read().effective)).toBe(line(readFileSync('/proc/thread-self/status', 'utf8'), 'CapEff'))
  expect(() => read(2 ** 22 + 1)).toThrow('ENOENT')
})

test('the kernel says how many there are', () => {
  // 38 is CAP_PERFMON, Linux 5.8.
  expect(lastCap()).toBeGreaterThanOrEqual(38)
  expect(() => lastCap({ root: '/nonexistent' })).toThrow('ENOENT')
})
