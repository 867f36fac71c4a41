import { mkdirSync, readFileSync, rmdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { images } from '../test/images.ts'
import { run } from '../test/shell.ts'

const mountPoint = readFileSync('/proc/self/mountinfo', 'latin1').split('\n').find((line) => / - cgroup2 /.test(line))?.split(' ')[4]

test.skipIf(mountPoint === undefined).each(images)('starts in a cgroup (needs a mounted cgroup v2 hierarchy), as a %s', async (image) => {
  const name = `ctr-test-${process.pid}-${image}`
  mkdirSync(`${mountPoint}/${name}`)
  try {
    const { out } = await run('grep ^0:: /proc/self/cgroup', { image, cgroup: `${mountPoint}/${name}` })
    expect(out).toBe(`0::/${name}\n`)
    // With a namespace of its own it is the root that can be seen, because it was never anywhere else.
    const inside = await run('grep ^0:: /proc/self/cgroup', { image, cgroup: `${mountPoint}/${name}`, namespaces: ['CLONE_NEWCGROUP', 'CLONE_NEWPID'] })
    expect(inside.out).toBe('0::/\n')
    expect(readFileSync(`${mountPoint}/${name}/cgroup.procs`, 'utf8')).toBe('')
  } finally {
    await expect.poll(() => rmdirSync(`${mountPoint}/${name}`)).toBeUndefined()
  }
})
