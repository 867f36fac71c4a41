import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import type { Json } from '../json/parse.ts'
import { decodeJson } from '../json/read-json.ts'
import { processShape } from './process-shape.ts'
import { parseConfig } from './read-config.ts'
import { resourcesShape } from './resources-shape.ts'

const shared = fileURLToPath(new URL('../../../../../../shared/', import.meta.url))
const json = (path: string) => decodeJson(readFileSync(path), path)
const files = (directory: string, ending = '.json') => (existsSync(shared + directory) ? readdirSync(shared + directory).filter((name) => name.endsWith(ending)).map((name) => [name, `${shared}${directory}/${name}`] as const) : [])

describe.skipIf(!existsSync(`${shared}engines/samples`))('what engines write is accepted', () => {
  const samples = files('engines/samples')
  test.each(samples.filter(([name]) => name.endsWith('.config.json')))('%s', (_, path) => { parseConfig(json(path)) })
  test.each(samples.filter(([name]) => name.endsWith('.process.json')))('%s', (_, path) => { processShape(json(path), '') })
  test.each(samples.filter(([name]) => name.endsWith('.resources.json')))('%s', (_, path) => { resourcesShape(json(path), '') })
})

const schema = 'vectors/runtime-spec-schema/files/schema/test/config'
describe.skipIf(!existsSync(shared + schema))('the examples of the specification', () => {
  // Those of other systems name no uts namespace for their hostname, as Linux has it.
  test.each(files(`${schema}/good`).filter(([name]) => !/^(freebsd|zos)/.test(name)))('good: %s', (_, path) => { parseConfig(json(path)) })
  // The member `freebsd` is not read on Linux.
  test.each(files(`${schema}/bad`).filter(([name]) => !name.startsWith('freebsd')))('bad: %s', (name, path) => {
    expect(() => parseConfig(json(path))).toThrow(name === 'invalid-json.json' ? /a name in double quotes/ : /^linux\.(netDevices\["eth0"\]\.name|resources\.rdma\["mlx5_1"\]\.hcaHandles|resources\.hugepageLimits\[0\]\.pageSize): /)
  })
  test.skipIf(!existsSync(`${shared}vectors/oci-spec-rs`))('the sample of oci-spec-rs', () => { parseConfig(json(`${shared}vectors/oci-spec-rs/files/src/runtime/test/fixture/sample.json`)) })
})

interface Case { readonly id: string; readonly refuse: boolean | string; readonly set?: Readonly<Record<string, Json>>; readonly raw?: string; readonly rawBase64?: string; readonly generate?: string; readonly names?: string }

const base = {
  ociVersion: '1.2.0', root: { path: 'rootfs' }, process: { cwd: '/', args: ['/bin/true'], user: { uid: 0, gid: 0 }, capabilities: {} },
  linux: { namespaces: [{ type: 'pid' }, { type: 'mount' }], resources: {} }, hooks: {}, mounts: [],
}

/** Decided: the specification wants a warning of a capability that cannot be mapped, and no error (config.md, Linux Process, `capabilities`). */
const warned = /^cap-(unknown|number)$/

/** What the kernel, a file or the command line decides: not the reader of the text. Each is tried with the runtime itself. */
const later = /^(root-|mount-4096|mount-size-suffix|ns-path-(missing|wrong)|mount-missing-source|mount-unknown-option|mount-sysfs-on-symlink|mount-proc-on-symlink|mount-conflict|ns-path-(not|fifo)|cwd-\/proc\/self\/fd|device-exists|apparmor-missing|terminal-no-socket|unified-unknown|idmap-340|seccomp-two|cap-exec)/

const cases: readonly Case[] = existsSync(`${shared}vectors/own-bad-config/cases.json`) ? (JSON.parse(readFileSync(`${shared}vectors/own-bad-config/cases.json`, 'utf8')) as { cases: Case[] }).cases : []

function changed({ set = {} }: Case): Json {
  const config = structuredClone(base) as Record<string, unknown>
  for (const [pointer, value] of Object.entries(set)) {
    const keys = pointer.slice(1).split('/')
    let at = config
    for (const key of keys.slice(0, -1)) at = (at[key] ??= {}) as Record<string, unknown>
    at[keys.at(-1)!] = value
  }
  return decodeJson(Buffer.from(JSON.stringify(config)), 'config.json')
}

describe.skipIf(cases.length === 0)('configurations that are wrong or odd', () => {
  const texts = cases.filter(({ rawBase64, generate }) => rawBase64 !== undefined && generate === undefined)
  test.each(texts.filter(({ refuse }) => refuse === true))('text refused: $id', ({ rawBase64 }) => {
    expect(() => parseConfig(decodeJson(Buffer.from(rawBase64!, 'base64'), 'config.json'))).toThrow()
  })
  test.each(texts.filter(({ refuse }) => refuse === false))('text taken: $id', ({ rawBase64 }) => { parseConfig(decodeJson(Buffer.from(rawBase64!, 'base64'), 'config.json')) })

  const members = cases.filter((each) => each.set !== undefined && !later.test(each.id) && !each.id.startsWith('container-id'))
  test.each(members.filter(({ id, refuse }) => refuse === true && !warned.test(id)))('refused: $id', (each) => {
    const [first] = each.names!.slice(1).split('/')
    expect(() => parseConfig(changed(each))).toThrow(expect.objectContaining({ path: expect.stringContaining(first!) as string }))
  })
  test.each(members.filter(({ id, refuse }) => refuse === false || warned.test(id)))('taken: $id', (each) => { parseConfig(changed(each)) })
  test('the limit that is all ones is all ones', () => {
    const each = cases.find(({ id }) => id === 'rlimit-infinity')!
    const text = JSON.stringify(base).replace('"cwd":"/"', `"cwd":"/",${each.raw!}`)
    expect(parseConfig(decodeJson(Buffer.from(text), 'config.json')).process?.rlimits).toEqual([{ type: 'RLIMIT_CORE', soft: 2n ** 64n - 1n, hard: 2n ** 64n - 1n }])
  })
})

const read = (change: object) => parseConfig(decodeJson(Buffer.from(JSON.stringify({ ...base, ...change })), 'config.json'))

test('an error names the member, quotes the value and says what it should be', () => {
  expect(() => read({ linux: { resources: { pids: { limit: -7 } } } })).toThrow('linux.resources.pids.limit: -7 is not a number of tasks, or -1 for no limit')
  expect(() => read({ process: { cwd: '/', args: ['x'], user: { uid: 4294967296 } } })).toThrow('process.user.uid: 4294967296 is not an ID: an integer from 0 to 4294967294')
  expect(() => read({ hooks: { prestart: [{ path: 'x' }] } })).toThrow('hooks.prestart[0].path: "x" is not an absolute path')
})

test('members nobody knows are ignored, and do not come along', () => {
  expect(Object.keys(read({ windows: { x: 1 }, x: { y: [1] } }))).not.toContain('windows')
})

test('what is in range and cannot be all the same is said with its path', () => {
  const linux = (members: object) => () => read({ linux: { namespaces: [{ type: 'pid' }, { type: 'mount' }, { type: 'time' }], ...members } })
  expect(linux({ maskedPaths: ['/.//'] })).toThrow('linux.maskedPaths[0]: "/.//" is not a path below the root')
  expect(linux({ readonlyPaths: ['/'] })).toThrow('linux.readonlyPaths[0]: "/" is not a path below the root')
  expect(linux({ cgroupsPath: './' })).toThrow('linux.cgroupsPath: "./" is not a path below the root')
  for (const path of ['/', '/dev/x/', '/dev/..']) expect(linux({ devices: [{ path, type: 'c', major: 1, minor: 2 }] })).toThrow(`linux.devices[0].path: "${path}" is not the path of a file`)
  expect(linux({ timeOffsets: { boottime: { secs: 2 ** 53 } } })).toThrow('linux.timeOffsets["boottime"].secs: 9007199254740992 is not an integer from -9223372036 to 9223372036')
  expect(() => read({ process: { ...base.process, scheduler: { policy: 'SCHED_DEADLINE', runtime: 2 ** 53 } } })).toThrow('process.scheduler.runtime: 9007199254740992 is not a number of nanoseconds')
})
