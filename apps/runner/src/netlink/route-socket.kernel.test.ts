import { spawn } from 'node:child_process'
import { readdirSync, readlinkSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { finished } from '../../test/ctrun.ts'
import { Network, noDevices } from '../../test/network.ts'
import { addressText } from './address.ts'
import { setLinkUp } from './link.ts'
import { RouteSocket } from './route-socket.ts'

const repository = fileURLToPath(new URL('../../../../', import.meta.url))

describe.skipIf(noDevices)(`a socket for the devices of a network namespace${noDevices ? ` (${noDevices})` : ''}`, { timeout: 60_000 }, () => {
  let network: Network
  beforeAll(async () => {
    network = await Network.make()
    await network.ip('link add name one type veth peer name other', 'link property add dev one altname by-another-name')
  })
  afterAll(() => network.close())
  const descriptors = () => readdirSync('/proc/self/fd').length

  test('of another namespace: it speaks of what is there; the thread is where it was, and no descriptor is left', () => {
    const [before, open] = [readlinkSync('/proc/thread-self/ns/net'), descriptors()]
    const socket = RouteSocket.of(network.path)
    expect(readlinkSync('/proc/thread-self/ns/net')).toBe(before)
    expect(socket.link({ name: 'one' })).toEqual({ index: socket.link({ name: 'by-another-name' }).index, name: 'one', up: false })
    socket.close()
    expect(descriptors()).toBe(open)
    expect(() => RouteSocket.here().close()).not.toThrow()
  })

  test('what the kernel refuses is an error with its errno, and the next answer is that to the next question', () => {
    const socket = RouteSocket.of(network.path)
    expect(() => socket.ask(setLinkUp({ index: 9999, name: 'nope', up: false }))).toThrow(expect.objectContaining({ message: 'ip link set nope up: ENODEV', code: 'ENODEV', command: 'ip link set nope up' }))
    expect(socket.find({ name: 'nope' })).toBeUndefined()
    expect(socket.find({ name: 'lo' })).toMatchObject({ index: 1, name: 'lo' })
    socket.close()
  })

  test('a list of many parts is read to its end', async () => {
    const wanted = Array.from({ length: 3000 }, (_, i) => `10.${1 + (i >> 8)}.${i & 255}.1/32`)
    await network.ip(...wanted.map((address) => `address add ${address} dev one`), 'address add 10.200.0.1/32 dev other')
    const socket = RouteSocket.of(network.path)
    expect(socket.addresses(socket.link({ name: 'one' })).map(addressText).sort()).toEqual(wanted.sort())
    socket.close()
  })

  test('it keeps the namespace alive', async () => {
    const short = await Network.make()
    await short.ip('link add name kept type veth peer name rest')
    const socket = RouteSocket.of(short.path)
    short.close()
    await short.closed
    expect(socket.link({ name: 'kept' }).name).toBe('kept')
    socket.close()
  })

  test('a path that leads nowhere, and one to something else: refused, and the thread is where it was', () => {
    const [before, open] = [readlinkSync('/proc/thread-self/ns/net'), descriptors()]
    expect(() => RouteSocket.of('/proc/self/ns/nope')).toThrow(expect.objectContaining({ code: 'ENOENT' }))
    expect(() => RouteSocket.of('/proc/self/ns/uts')).toThrow(expect.objectContaining({ code: 'EINVAL', syscall: 'setns' }))
    expect([readlinkSync('/proc/thread-self/ns/net'), descriptors()]).toEqual([before, open])
  })

  test('who could not come back does not leave', async () => {
    const node = [process.execPath, '--conditions=@ctr/source', '--import', `${repository}scripts/typescript.mjs`, `${repository}apps/runner/test/route-elsewhere.ts`]
    const { stdout, stderr } = await finished(spawn('unshare', ['--user', '--map-root-user', '--', ...node], { stdio: ['pipe', 'pipe', 'pipe'] }))
    expect([stdout, stderr]).toEqual(['EPERM where it was\n', ''])
  })
})
