import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, onTestFinished, test } from 'vitest'
import { parseFdTarget } from './fd.ts'
import { endAll, start } from './fixtures/children.ts'
import { procfs } from './procfs.ts'

const proc = procfs()
const root = process.getuid?.() === 0

afterEach(endAll)

test('a listener and a connection to it, with their owners', async () => {
  const { pid, output } = await start(process.execPath, '-e', 'const s = require("net").createServer(() => {}).listen(0, "127.0.0.1", () => { const c = require("net").connect(s.address().port, "127.0.0.1", () => console.log(s.address().port + " " + c.localPort)) }); process.stdin.resume()')
  const [port, clientPort] = output.trim().split(' ').map(Number)
  const mine = proc.pid(pid).connections(['tcp'])
  const listener = mine.find(({ socket }) => socket.state === 'listen')
  expect(listener).toMatchObject({ protocol: 'tcp', namespace: proc.self.namespace('net'), socket: { local: { address: '127.0.0.1', port } }, owners: [{ pid }] })
  expect(mine.filter(({ socket }) => socket.state === 'established').map((each) => each.protocol === 'tcp' && each.socket.local.port).sort()).toEqual([port, clientPort].sort())
  const [owner] = listener!.owners
  expect(parseFdTarget(proc.pid(pid).fd().find(({ fd }) => fd === owner!.fd)!.target)).toEqual({ kind: 'inode', type: 'socket', inode: listener!.socket.inode })
  expect(proc.connections(['tcp']).find(({ socket }) => socket.inode === listener!.socket.inode)).toEqual(listener)
  expect(await proc.promises.pid(pid).connections(['tcp'])).toHaveLength(3)
})

test('a Unix socket whose path lies', async () => {
  const path = join(tmpdir(), `procfs ${process.pid}\n0000: x`)
  const server = createServer().listen(path)
  onTestFinished(() => { server.close(); rmSync(path, { force: true }) })
  await once(server, 'listening')
  expect(proc.self.connections(['unix'])).toContainEqual(expect.objectContaining({ socket: expect.objectContaining({ path, listening: true }) }))
})

test.skipIf(!root)('the sockets of another network namespace (needs root)', async () => {
  const { pid } = await start('unshare', '-n', process.execPath, '-e', 'require("net").createServer().listen(4711, "::", () => console.log("ready")); process.stdin.resume()')
  const namespace = proc.pid(pid).namespace('net')!
  expect(namespace).not.toBe(proc.self.namespace('net'))
  const found = proc.connections(['tcp', 'tcp6']).filter((each) => each.namespace === namespace)
  expect(found).toMatchObject([{ protocol: 'tcp6', socket: { local: { address: '::', port: 4711 }, state: 'listen' }, owners: [{ pid }] }])
  expect([...proc.pid(pid).net.each('tcp6')]).toHaveLength(1)
  expect(proc.pid(pid).net.dev().map(({ name }) => name)).toContain('lo')
  expect(proc.pid(pid).net.route()).toEqual([])
})

test('interfaces and addresses are those of sysfs and the system', () => {
  const names = execFileSync('ls', ['/sys/class/net'], { encoding: 'utf8' }).trim().split('\n').filter((name) => name !== 'bonding_masters').sort()
  expect(proc.net.dev().map(({ name }) => name).sort()).toEqual(names)
  const bytes = (): number => Number(readFileSync('/sys/class/net/lo/statistics/rx_bytes', 'utf8'))
  const before = bytes()
  const { receive } = proc.net.dev().find(({ name }) => name === 'lo')!
  expect(receive.bytes).toBeGreaterThanOrEqual(before)
  expect(receive.bytes).toBeLessThanOrEqual(bytes())
  expect(proc.net.sockstat()['sockets']!['used']).toBeGreaterThan(0)
  expect(proc.net.snmp()['Ip']).toHaveProperty('InReceives')
  expect(proc.net.protocols().find(({ name }) => name === 'TCP')!.operations).toContain('ac')
})

test('a child\'s sockets vanish with it', async () => {
  const child = spawn('sleep', ['60'])
  const { pid } = child
  expect(proc.pid(pid!).connections(['tcp'])).toEqual([])
  child.kill('SIGKILL')
  await once(child, 'exit')
  expect(() => proc.pid(pid!).connections()).toThrow(expect.objectContaining({ name: 'ProcessVanishedError' }))
})
