import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { nodePackage } from '../test/node-program.ts'

let files: Awaited<ReturnType<typeof nodePackage>>
beforeAll(async () => { files = await nodePackage() })
afterAll(() => files.remove())

const root = process.getuid?.() === 0

/** A program with a process that sleeps in a network and UTS namespace of its own, whose loopback device is up. */
const beside = (program: string) => `
import { readlinkSync, statSync } from 'node:fs'
import { callInNamespaces, enterWorker, hostname, loopbackUp, read } from './index.js'
import { launch, sys } from './launch.js'
const box = await launch([...loopbackUp(), ...hostname('box'), sys.execve('/bin/sleep', ['sleep', '60'], [], 'somebody must be in there')], { namespaces: ['CLONE_NEWNET', 'CLONE_NEWUTS'], stdio: 'ignore' })
const ns = (kind) => '/proc/' + box.pid + '/ns/' + kind
const module = new URL('./inside.js', import.meta.url)
const failure = (promise) => promise.then(() => 'nothing', (error) => error.name + ': ' + error.message.split('\\n')[0])
try {
${program}
} finally { box.kill(); await box.closed }
`

describe.skipIf(!root)('a Worker in other namespaces (needs root)', () => {
  beforeAll(() => {
    files.file('inside.js', `
      import { readlinkSync, readFileSync } from 'node:fs'
      import { createServer, connect } from 'node:net'
      import { execFileSync } from 'node:child_process'
      import { hostname, networkInterfaces } from 'node:os'
      export const where = (kind) => readlinkSync('/proc/thread-self/ns/' + kind)
      export const child = () => execFileSync('readlink', ['/proc/self/ns/net'], { encoding: 'utf8' }).trim()
      export const interfaces = () => Object.keys(networkInterfaces())
      export const name = () => hostname()
      export const listen = (port) => new Promise((resolve, reject) => {
        const server = createServer((socket) => socket.end('from inside')).on('error', reject).listen(port, '127.0.0.1', () => resolve(server.address()))
      })
      export const get = (port) => new Promise((resolve, reject) => {
        let text = ''
        connect(port, '127.0.0.1').on('data', (data) => text += data).on('end', () => resolve(text)).on('error', reject)
      })
      export const later = async (a, b) => { await new Promise((resolve) => setTimeout(resolve, 20)); return { sum: a + b, list: new Set([a, b]) } }
      export const refuse = () => { throw Object.assign(new RangeError('not this'), { code: 'ENOTTHIS', errno: 7 }) }
      export const refuseText = () => { throw 'a text' }
      export const unsendable = () => () => {}
      export const exit = () => process.exit(3)
      export const never = () => new Promise(() => {})
      export const notAFunction = 5
      export default () => 'the default'
    `)
  })

  test('a node:net server listens in the other network namespace, where a client finds it and nobody outside does', async () => {
    const { status, out, err } = await files.run(beside(`
      const worker = await enterWorker({ net: ns('net') })
      const address = await worker.call(module, 'listen', 8080)
      const { get } = await import(module)
      const other = await enterWorker({ net: ns('net') })
      console.log(JSON.stringify([address, await other.call(module, 'get', 8080), await failure(get(8080))]))
      await other.close()
      await worker.close()
      console.log(await failure(callInNamespaces({ net: ns('net') }, module, 'get', 8080)))
    `))
    expect([status, err]).toEqual([0, ''])
    const [first, second] = out.trim().split('\n')
    expect(JSON.parse(first!)).toEqual([{ address: '127.0.0.1', family: 'IPv4', port: 8080 }, 'from inside', 'Error: connect ECONNREFUSED 127.0.0.1:8080'])
    expect(second).toBe('Error: connect ECONNREFUSED 127.0.0.1:8080') // the server has gone with its Worker
  })

  test('only that thread is in them, and what it starts: never the main thread, nor the pool', async () => {
    const { status, out, err } = await files.run(beside(`
      const tasks = async () => { const { readdirSync } = await import('node:fs'); return readdirSync('/proc/self/task').map((tid) => statSync('/proc/self/task/' + tid + '/ns/net').ino) }
      const [own, theirs] = [read('self', 'net').inode, read(box.pid, 'net').inode]
      const worker = await enterWorker({ net: ns('net'), uts: ns('uts') })
      const seen = { where: await worker.call(module, 'where', 'net') === 'net:[' + theirs + ']', child: await worker.call(module, 'child') === 'net:[' + theirs + ']', name: await worker.call(module, 'name'), interfaces: await worker.call(module, 'interfaces') }
      seen.inside = (await tasks()).filter((inode) => inode !== own).length
      const { readFile } = await import('node:fs/promises')
      await Promise.all(Array.from({ length: 100 }, () => readFile('/proc/self/stat')))
      seen.stillInside = (await tasks()).filter((inode) => inode === theirs).length
      await worker.close()
      seen.after = (await tasks()).filter((inode) => inode !== own).length
      seen.main = (await import(module)).where('net') === 'net:[' + own + ']'
      console.log(JSON.stringify(seen))
    `))
    expect([status, err]).toEqual([0, ''])
    expect(JSON.parse(out)).toEqual({ where: true, child: true, name: 'box', interfaces: ['lo'], inside: 1, stillInside: 1, after: 0, main: true })
  })

  test('arguments and results are copied, errors keep what they are', async () => {
    const { status, out, err } = await files.run(beside(`
      const worker = await enterWorker({ net: ns('net') })
      const { sum, list } = await worker.call(module, 'later', 2, 3)
      console.log(sum, [...list].join(), await worker.call(module, 'default'))
      const error = await worker.call(module, 'refuse').catch((error) => error)
      console.log(error instanceof Error, error.name, error.message, error.code, error.errno, error.stack.includes('inside.js'))
      console.log(await worker.call(module, 'refuseText').catch((text) => text))
      console.log(await failure(worker.call(module, 'unsendable')))
      console.log(await failure(worker.call(module, 'later', () => {})))
      console.log(await failure(worker.call(module, 'notAFunction')))
      console.log((await failure(worker.call(new URL('./missing.js', import.meta.url), 'x'))).slice(0, 26))
      console.log(await Promise.all([1, 2, 3].map((i) => worker.call(module, 'later', i, i).then(({ sum }) => sum))))
      console.log(await callInNamespaces({ net: ns('net') }, 'node:os', 'hostname') !== '')
      await worker.close()
    `))
    expect([status, err]).toEqual([0, ''])
    expect(out.replaceAll(files.folder, '')).toBe([
      '5 2,3 the default', 'true RangeError not this ENOTTHIS 7 true', 'a text', 'DataCloneError: () => {} could not be cloned.', 'DataCloneError: () => {} could not be cloned.',
      'TypeError: Cannot call notAFunction of file:///inside.js: it exports no function of that name', 'Error: Cannot find module ', '[ 2, 4, 6 ]', 'true', ''].join('\n'))
  })

  test('calls are rejected when the Worker exits, is closed, or was', async () => {
    const { status, out, err } = await files.run(beside(`
      const exiting = await enterWorker({ net: ns('net') })
      console.log(await failure(exiting.call(module, 'exit')))
      console.log(await failure(exiting.call(module, 'where', 'net')))
      const closing = await enterWorker({ net: ns('net') })
      const pending = failure(closing.call(module, 'never'))
      await closing.close()
      console.log(await pending)
      console.log(await failure(closing.call(module, 'where', 'net')))
      await closing.close();
      (await enterWorker({ net: ns('net') })).unref() // does not keep the program
    `))
    expect([status, err]).toEqual([0, ''])
    const exited = 'Error: The Worker in other namespaces has exited with 3', closed = 'Error: The Worker in other namespaces was closed'
    expect(out).toBe([exited, exited, closed, closed, ''].join('\n'))
  })

  test('what cannot be entered: another kind, no namespace, no path, no right', async () => {
    const { status, out, err } = await files.run(beside(`
      console.log(await failure(enterWorker({})))
      console.log(await failure(enterWorker({ mnt: ns('mnt') })))
      console.log(await failure(enterWorker({ net: '/nonexistent' })))
      console.log(await failure(enterWorker({ net: ns('uts') })))
      const { openSync } = await import('node:fs')
      const error = await enterWorker({ net: openSync('/dev/null', 'r') }).catch((error) => error)
      console.log(error.name, error.code, error.syscall)
      const fd = openSync(ns('net'), 'r')
      console.log(await callInNamespaces({ net: fd }, module, 'where', 'net') === readlinkSync(ns('net')))
      process.setgid(1); process.setuid(1)
      console.log(await failure(enterWorker({ net: fd })))
      process.exit(0) // without the right to end the box: it ends with us
    `))
    expect([status, err]).toEqual([0, ''])
    expect(out.split('\n')).toEqual([
      'TypeError: Cannot enter no namespace: name one of net, uts, ipc, cgroup',
      'TypeError: Cannot move a single thread of Node to another mnt namespace: that works for net, uts, ipc and cgroup',
      "Error: ENOENT: no such file or directory, open '/nonexistent'",
      expect.stringMatching(/^SyscallError: setns\(\d+, CLONE_NEWNET\): EINVAL$/),
      'SyscallError EINVAL setns', 'true',
      expect.stringMatching(/^SyscallError: setns\(\d+, CLONE_NEWNET\): EPERM$/), ''])
  })
})
