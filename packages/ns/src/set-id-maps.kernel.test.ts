import { spawnSync } from 'node:child_process'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { nodePackage } from '../test/node-program.ts'

let files: Awaited<ReturnType<typeof nodePackage>>
beforeAll(async () => { files = await nodePackage() })
afterAll(() => files.remove())

const tool = (name: string): boolean => spawnSync('sh', ['-c', `command -v ${name}`]).status === 0
const reason = process.getuid?.() !== 0 ? 'needs root' : !tool('newuidmap') ? 'needs newuidmap (Debian package uidmap)' : !tool('setpriv') ? 'needs setpriv (util-linux)' : false

/** Runs as user and group 1 (daemon), under tables of subordinate IDs that only this process sees. */
const asDaemon = (subuid: string, subgid: string): string[] => {
  const dir = files.folder
  files.file('subuid', subuid)
  files.file('subgid', subgid)
  const script = `set -e; for f in subuid subgid; do [ -e /etc/$f ] || { echo "/etc/$f is missing" >&2; exit 99; }; mount --bind ${dir}/$f /etc/$f; done; exec setpriv --reuid 1 --regid 1 --clear-groups -- "$@"`
  return ['unshare', '--mount', '--propagation', 'private', 'sh', '-c', script, 'sh']
}

const program = (body: string): string => `
import { readFileSync } from 'node:fs'
import { parseSubIds, rootlessMap, setIdMaps, subIdsOf } from './index.js'
import { checkpoint, launch, sys } from './launch.js'
const map = (which, id) => rootlessMap(id, subIdsOf(parseSubIds(readFileSync('/etc/sub' + which, 'utf8')), { name: 'daemon', uid: 1 }))
const inside = async (maps, script) => {
  const readable = sys.prctl('PR_SET_DUMPABLE', 'SUID_DUMP_USER', 'the files in /proc of a process that is not dumpable belong to root')
  const child = await launch([readable, ...checkpoint('maps'), sys.execve('/bin/sh', ['sh', '-c', script], ['PATH=/usr/bin:/bin'], 'look from inside')],
    { namespaces: ['CLONE_NEWUSER'], stdio: ['ignore', 'inherit', 'inherit'], checkpoints: { maps: ({ pid }) => setIdMaps(pid, maps) } })
  return child.exited
}
${body}
`

describe.skipIf(reason)(`maps by newuidmap and newgidmap${reason ? ` (${reason})` : ''}`, () => {
  test('an ordinary user has all its subordinate IDs inside', async () => {
    const { status, out, err } = await files.run(program(`
      const exit = await inside({ uid: map('uid', 1), gid: map('gid', 1) }, 'cat /proc/self/uid_map /proc/self/gid_map /proc/self/setgroups; id -u; id -g')
      process.exitCode = exit.code
    `), asDaemon('daemon:700000:1000\n1:800000:65536\n', 'daemon:900000:65536\n'))
    expect([status, err]).toEqual([0, ''])
    expect(out.trim().split('\n').map((line) => line.trim().split(/\s+/).join(' '))).toEqual(['0 1 1', '1 700000 1000', '1001 800000 65536', '0 1 1', '1 900000 65536', 'allow', '0', '0'])
  })

  test('one ID of each kind needs no command', async () => {
    const own = "{ uid: [{ inside: 0, outside: 1, length: 1 }], gid: [{ inside: 0, outside: 1, length: 1 }], setgroups: 'deny' }"
    const { status, out, err } = await files.run(program(`process.env.PATH = '/nonexistent'; process.exitCode = (await inside(${own}, 'id -u; cat /proc/self/setgroups')).code`), asDaemon('', ''))
    expect([status, out, err]).toEqual([0, '0\ndeny\n', ''])
  })

  test('IDs that are not the caller\'s, and a command that is not there, are errors that say what to do', async () => {
    const { status, out, err } = await files.run(program(`
      const maps = { uid: [{ inside: 0, outside: 1, length: 1 }, { inside: 1, outside: 600000, length: 10 }], gid: [{ inside: 0, outside: 1, length: 1 }] }
      const show = (error) => console.log(JSON.stringify([error.code, error.command.file, error.message.replace(error.command.args[0], 'PID'), error.hint]))
      await inside(maps, 'true').catch(show)
      process.env.PATH = '/nonexistent'
      await inside(maps, 'true').catch(show)
    `), asDaemon('daemon:700000:1000\n', 'daemon:700000:1000\n'))
    expect([status, err]).toEqual([0, ''])
    const [refused, missing] = out.trim().split('\n').map((line) => JSON.parse(line) as unknown[])
    const hint = '/etc/subuid must give these IDs to user 1: usermod --add-subuids writes it'
    const install = 'install it: the package is called uidmap in Debian and Ubuntu, shadow-utils in Fedora'
    expect(refused).toEqual([1, 'newuidmap', `newuidmap PID 0 1 1 1 600000 10: newuidmap: uid range [1-11) -> [600000-600010) not allowed\n  hint  ${hint}`, hint])
    expect(missing).toEqual(['ENOENT', 'newuidmap', `newuidmap PID 0 1 1 1 600000 10: there is no such command\n  hint  ${install}`, install])
  })

  test('root writes them itself', async () => {
    const { status, out, err } = await files.run(program(`
      process.env.PATH = '/nonexistent'
      const exit = await inside({ uid: [{ inside: 0, outside: 5000, length: 100 }], gid: [{ inside: 0, outside: 0, length: 1 }], projid: [{ inside: 0, outside: 7, length: 3 }] }, 'cat /proc/self/uid_map /proc/self/projid_map')
      process.exitCode = exit.code
    `))
    expect([status, err, out.replace(/ +/g, ' ')]).toEqual([0, '', ' 0 5000 100\n 0 7 3\n'])
  })
})
