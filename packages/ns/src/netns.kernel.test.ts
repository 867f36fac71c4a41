import { spawnSync } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { launch } from '@ctr/launch'
import { sys } from '@ctr/syscall'
import { perform } from '@ctr/syscall/perform'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { nodePackage } from '../test/node-program.ts'
import { read } from './index.ts'

let files: Awaited<ReturnType<typeof nodePackage>>
beforeAll(async () => { files = await nodePackage() })
afterAll(() => files.remove())

const root = process.getuid?.() === 0
const reason = !root ? 'needs root' : spawnSync('ip', ['-V']).error ? 'needs ip (Debian package iproute2)' : false

/** A /run of its own: `ip netns` of the host must not see what the test does. */
const ownRun = ['unshare', '--mount', '--propagation', 'private', 'sh', '-c', 'mount -t tmpfs tmpfs /run && exec "$@"', 'sh']

describe.skipIf(reason)(`names of ip netns${reason ? ` (${reason})` : ''}`, () => {
  test('ip finds what we have pinned, and we what ip has; EEXIST, ENOENT, EINVAL', async () => {
    const { status, out, err } = await files.run(`
      import { execFileSync } from 'node:child_process'
      import { readFileSync, writeFileSync } from 'node:fs'
      import { callInNamespaces, netnsFolderMounted, pinNetns, read, sameNamespace, unpinNetns } from './index.js'
      import { launch, perform, sys } from './launch.js'
      const ip = (...args) => execFileSync('ip', ['netns', ...args], { encoding: 'utf8' }).trim()
      const box = await launch([sys.execve('/bin/sleep', ['sleep', '60'], [], 'somebody must be in there')], { namespaces: ['CLONE_NEWNET'], stdio: 'ignore' })
      const net = read(box.pid, 'net')
      const source = '/proc/' + box.pid + '/ns/net'
      const pin = (source, name) => pinNetns(source, name, { folderMounted: netnsFolderMounted(readFileSync('/proc/self/mountinfo', 'utf8')) })
      perform(pin(source, 'ours'))
      const mounts = () => readFileSync('/proc/self/mountinfo', 'utf8').split('\\n').filter((line) => line.includes('/run/netns')).length
      const before = mounts()
      box.kill()
      await box.closed
      console.log(ip('list'), ip('exec', 'ours', 'readlink', '/proc/self/ns/net') === 'net:[' + net.inode + ']', sameNamespace(read({ netns: 'ours' }), net))
      ip('add', 'theirs')
      console.log(before, mounts()) // the folder and a name, then another name
      const inside = await callInNamespaces({ net: '/run/netns/theirs' }, 'node:fs', 'readlinkSync', '/proc/thread-self/ns/net')
      console.log(inside === 'net:[' + read({ netns: 'theirs' }).inode + ']', ip('exec', 'theirs', 'readlink', '/proc/self/ns/net') === inside)
      const code = (program) => { try { perform(program); return 'nothing' } catch (error) { return error.syscall + ' ' + error.code } }
      console.log(code(pin('/proc/self/ns/net', 'theirs')), code(unpinNetns('missing')))
      writeFileSync('/run/netns/file', '')
      console.log(code(unpinNetns('file')))
      perform([...unpinNetns('ours'), ...unpinNetns('theirs')])
      ip('delete', 'file')
      console.log(JSON.stringify(ip('list')))
    `, ownRun)
    expect([status, err]).toEqual([0, ''])
    expect(out).toBe('ours true true\n2 3\ntrue true\nopenat EEXIST umount2 ENOENT\numount2 EINVAL\n""\n')
  })
})

describe.skipIf(!root)('handles (needs root)', () => {
  test('by pidfd, until its process has ended', async () => {
    const child = await launch([sys.execve('/bin/sleep', ['sleep', '60'], [], 'somebody must be in there')], { namespaces: ['CLONE_NEWUTS'], stdio: 'ignore' })
    const pidfd = perform([sys.fcntl(child.pidfd, 'F_DUPFD_CLOEXEC', 0, { as: 'copy', why: 'launch closes its own when the process has ended' })]).fds['copy']!
    try {
      expect(read({ pidfd }, 'uts')).toEqual(read(child.pid, 'uts'))
      child.kill()
      await child.closed
      expect(() => read({ pidfd }, 'uts')).toThrow(new Error(`Cannot read the uts namespace of pidfd ${pidfd}: its process has ended`))
    } finally {
      closeSync(pidfd)
    }
  })

  test('what is neither a namespace nor a pidfd', () => {
    const fd = openSync('/dev/null', 'r')
    try {
      expect(() => read({ fd })).toThrow(new TypeError(`descriptor ${fd} is not a namespace`))
      expect(() => read({ pidfd: fd }, 'net')).toThrow(new TypeError(`Descriptor ${fd} is not a pidfd`))
      expect(() => read({ netns: 'no-such-name' })).toThrow('ENOENT')
    } finally {
      closeSync(fd)
    }
  })
})
