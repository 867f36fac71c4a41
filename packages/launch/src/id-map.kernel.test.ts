import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { images } from '../test/images.ts'
import { all, node } from '../test/node-script.ts'
import { run } from '../test/shell.ts'
import { launch } from './launch.ts'
import { shell } from '../test/shell.ts'
import { census, expectNothingLeft } from '../test/leaks.ts'

test.each(images)('as a %s, the ids of a user namespace are in place before the program starts', async (image) => {
  const { out } = await run('id -u; id -g; cat /proc/self/uid_map /proc/self/gid_map; cat /proc/self/setgroups', { image, namespaces: ['CLONE_NEWUSER', 'CLONE_NEWPID'], idMaps: { uid: [[0, 0, 1], [1, 100000, 65535]], gid: [[0, 0, 1000]] } })
  expect(out.replace(/ +/g, ' ')).toBe('0\n0\n 0 0 1\n 1 100000 65535\n 0 0 1000\nallow\n')
})

test('a map that the kernel refuses is an error, and nothing is left', async () => {
  const before = await census()
  await expect(launch([shell('true')], { namespaces: ['CLONE_NEWUSER'], idMaps: { uid: [[0, 0, 1], [0, 5, 1]], gid: [[0, 0, 1]] } })).rejects.toMatchObject({ code: 'EINVAL' })
  await expectNothingLeft(before)
})

const allowed = Number(readFileSync('/proc/sys/user/max_user_namespaces', 'utf8')) > 0
test.skipIf(!allowed).each(images)('an unprivileged user is root in its own (needs user.max_user_namespaces > 0), as a %s', async (image) => {
  const { lines, ended } = await node(`
    import { launch } from './index.ts'
    import { run } from '../test/shell.ts'
    const options = { image: '${image}', namespaces: ['CLONE_NEWUSER', 'CLONE_NEWPID', 'CLONE_NEWUTS', 'CLONE_NEWNET', 'CLONE_NEWNS'], idMaps: { uid: [[0, 65534, 1]], gid: [[0, 65534, 1]] } }
    const { out, exit } = await run('id -u; echo $$; hostname inside && hostname; cat /proc/self/setgroups', options)
    console.log(process.getuid(), JSON.stringify(out), exit.code)
  `, { wrap: ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'] })
  expect(await all(lines)).toEqual(['65534 "0\\n1\\ninside\\ndeny\\n" 0'])
  expect(await ended).toBe(0)
})
