import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { parseMaps } from './maps.ts'
import { parseMountinfo } from './mountinfo.ts'
import { ProcParseError } from './proc-parse-error.ts'
import { ProcessVanishedError } from './process-vanished-error.ts'
import { type Procfs, procfs } from './procfs.ts'
import { NET_TABLES, TASK_TABLES } from './tables.ts'

let root: string
let proc: Procfs

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'procfs-'))
  proc = procfs({ root, endianness: 'LE' })
  cpSync(new URL('fixtures/process', import.meta.url), `${root}/7`, { recursive: true })
  cpSync(new URL('fixtures/net', import.meta.url), `${root}/7/net`, { recursive: true })
  writeFileSync(`${root}/7/mounts`, 'proc /proc proc rw 0 0\n')
  writeFileSync(`${root}/locks`, '1: FLOCK  ADVISORY  WRITE 359 00:13:11691 0 EOF\n')
  for (const name of ['udplite', 'udplite6', 'raw6', 'icmp', 'icmp6']) cpSync(`${root}/7/net/udp`, `${root}/7/net/${name}`)
})

afterEach(() => rmSync(root, { recursive: true }))

async function collect<T>(records: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const record of records) all.push(record)
  return all
}

const mountLines = (count: number): string => {
  const lines: string[] = []
  for (let id = 1; id <= count; id++) lines.push(`${id} ${id - 1} 0:${id % 1000} / /mnt/é\\040${id} rw,nosuid shared:${id} - tmpfs tmpfs rw,size=${id}k\n`)
  return lines.join('')
}

test('every table, one record at a time, is what it is as a whole', async () => {
  for (const name of Object.keys(TASK_TABLES) as (keyof typeof TASK_TABLES)[]) {
    const whole = proc.pid(7)[name]()
    expect(whole.length, name).toBeGreaterThan(0)
    expect([...proc.pid(7).each(name)]).toEqual(whole)
    expect(await collect(proc.promises.pid(7).each(name))).toEqual(whole)
  }
  for (const name of Object.keys(NET_TABLES) as (keyof typeof NET_TABLES)[]) {
    const whole = proc.pid(7).net[name]()
    expect([...proc.pid(7).net.each(name)]).toEqual(whole)
    expect(await collect(proc.promises.pid(7).net.each(name))).toEqual(whole)
  }
  expect([...proc.each('locks')]).toEqual(proc.locks())
  expect(await collect(proc.promises.each('locks'))).toEqual(proc.locks())
})

test('200,000 mounts: as a text, one by one, and through the thread pool', { timeout: 60_000 }, async () => {
  const text = mountLines(200_000)
  writeFileSync(`${root}/7/mountinfo`, text)
  let count = 0
  for (const { id, mountPoint, superOptions } of proc.pid(7).each('mountinfo')) {
    count++
    if (id !== count || mountPoint !== `/mnt/é ${id}` || superOptions[1] !== `size=${id}k`) throw new Error(`mount ${count} is ${id} ${mountPoint}`)
  }
  expect(count).toBe(200_000)
  const whole = parseMountinfo(text)
  expect(whole).toHaveLength(200_000)
  expect(whole.at(-1)).toMatchObject({ id: 200_000, mountPoint: '/mnt/é 200000' })
  let last = 0
  for await (const { id } of proc.promises.pid(7).each('mountinfo')) last = id
  expect(last).toBe(200_000)
})

test('200,000 connections and mappings', { timeout: 60_000 }, () => {
  const [heading, ...rows] = readFileSync(`${root}/7/net/tcp`, 'utf8').trimEnd().split('\n')
  writeFileSync(`${root}/7/net/tcp`, `${heading}\n${`${rows[1]}\n`.repeat(200_000)}`)
  let established = 0
  for (const { state } of proc.pid(7).net.each('tcp')) if (state === 'established') established++
  expect(established).toBe(200_000)
  const [mapping] = readFileSync(`${root}/7/maps`, 'utf8').split('\n')
  writeFileSync(`${root}/7/maps`, `${mapping}\n`.repeat(200_000))
  expect(parseMaps(readFileSync(`${root}/7/maps`, 'utf8'))).toHaveLength(200_000)
  let mapped = 0
  for (const { pathname } of proc.pid(7).each('maps')) mapped += pathname === '/usr/bin/sleep' ? 1 : 0
  expect(mapped).toBe(200_000)
})

test('lines longer than any buffer, a character over the edge of one, no newline at the end', async () => {
  const long = `x${'é'.repeat(200_000)}`
  writeFileSync(`${root}/7/mounts`, `a / b rw 0 0\ns /${long} t rw 0 0\nz /z t rw 0 0`)
  const points = [...proc.pid(7).each('mounts')].map(({ mountPoint }) => mountPoint)
  expect(points).toEqual(['/', `/${long}`, '/z'])
  expect((await collect(proc.promises.pid(7).each('mounts'))).map(({ mountPoint }) => mountPoint)).toEqual(points)
  for (const padding of [0, 1]) {
    writeFileSync(`${root}/7/mounts`, `${'p'.repeat(padding)} /${'é'.repeat(40_000)} t rw 0 0\n`.repeat(3))
    expect(new Set([...proc.pid(7).each('mounts')].map(({ mountPoint }) => mountPoint)).size).toBe(1)
  }
})

test('a malformed line names itself, after the records before it', () => {
  writeFileSync(`${root}/7/mountinfo`, `${mountLines(3000)}broken\n`)
  const seen: number[] = []
  expect(() => { for (const { id } of proc.pid(7).each('mountinfo')) seen.push(id) }).toThrow(expect.objectContaining({ name: 'ProcParseError', file: `${root}/7/mountinfo`, line: 3001, text: 'broken' }))
  expect(seen).toHaveLength(3000)
  writeFileSync(`${root}/7/net/arp`, '')
  expect(() => [...proc.pid(7).net.each('arp')]).toThrow(ProcParseError)
})

test('who stops early leaves no descriptor behind', async () => {
  const open = (): number => readdirSync('/proc/self/fd').length
  const before = open()
  for (let round = 0; round < 20; round++) {
    for (const mount of proc.pid(7).each('mountinfo')) { expect(mount.id).toBeGreaterThan(0); break }
    for await (const mount of proc.promises.pid(7).each('mountinfo')) { expect(mount.id).toBeGreaterThan(0); break }
  }
  expect(open()).toBe(before)
})

test('a process that is not there', async () => {
  expect(() => [...proc.pid(8).each('maps')]).toThrow(ProcessVanishedError)
  await expect(collect(proc.promises.pid(8).each('maps'))).rejects.toThrow(ProcessVanishedError)
  mkdirSync(`${root}/9`)
  expect(() => [...proc.pid(9).each('maps')]).toThrow(expect.objectContaining({ code: 'ENOENT' }))
})
