import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { launch } from './index.ts'
import { interpreterHash } from './interpreter-hash.ts'
import '../test/images.ts'
import { all, next, node } from '../test/node-script.ts'
import { shell } from '../test/shell.ts'

test.each(['x64', 'arm64'] as const)('the %s file has the hash that is checked in', (machine) => {
  const file = fileURLToPath(new URL(`../image/interpreter-${machine}`, import.meta.url))
  expect(createHash('sha256').update(readFileSync(file)).digest('hex')).toBe(interpreterHash[machine])
})

// vm.memfd_noexec belongs to a PID namespace (Linux 6.3): a new one can be as strict as it likes.
const strict = (value: number) => ['unshare', '--pid', '--fork', '--mount', '--mount-proc', 'sh', '-c', `echo ${value} > /proc/sys/vm/memfd_noexec && exec "$@"`, 'sh']
let knowsNoexec = true
try {
  readFileSync('/proc/sys/vm/memfd_noexec')
} catch {
  knowsNoexec = false
}

describe.skipIf(!knowsNoexec)('where memfds may not be executed (needs vm.memfd_noexec, Linux 6.3)', () => {
  const script = `
    import { launch } from './index.ts'
    import { run, shell } from '../test/shell.ts'
    for (const namespaces of [[], ['CLONE_NEWPID', 'CLONE_NEWUTS']]) {
      const { out, exit } = await run('echo out; exit 5', { namespaces })
      console.log(JSON.stringify(out), exit.code)
    }
    const refused = await launch([shell('true')], { image: 'memfd' }).then(() => 'started', (error) => error.code)
    console.log(refused)`

  test('2: the packaged file takes their place by itself', async () => {
    const { lines, ended } = await node(script, { wrap: strict(2) })
    expect(await all(lines)).toEqual(['"out\\n" 5', '"out\\n" 5', 'EACCES'])
    expect(await ended).toBe(0)
  })

  test('1: memfds that say so may be executed', async () => {
    const { lines } = await node(script, { wrap: strict(1) })
    expect(await all(lines)).toEqual(['"out\\n" 5', '"out\\n" 5', 'started'])
  })
})

test('where it is missing, the error says what makes it', async () => {
  const { lines } = await node(`
    import { renameSync } from 'node:fs'
    import { launch } from './index.ts'
    import { shell } from '../test/shell.ts'
    await launch([shell('true')], { image: 'file', stdio: 'ignore' }).catch((error) => console.log(error.message))
  `, { wrap: ['unshare', '--mount', 'sh', '-c', `mount -t tmpfs none ${fileURLToPath(new URL('../image', import.meta.url))} && exec "$@"`, 'sh'] })
  expect(await next(lines)).toMatch(/^Cannot open .*interpreter-.*: the build of the package writes it$/)
})

test('more descriptors than there is room for are refused', async () => {
  const pass = Object.fromEntries(Array.from({ length: 13 }, (_, i) => [`extra ${i}`, 0]))
  await expect(launch([shell('true')], { image: 'file', stdio: 'ignore', pass })).rejects.toThrow('Cannot pass 19 descriptors')
  const p = await launch([shell('true')], { image: 'memfd', stdio: 'ignore', pass })
  expect(await p.exited).toMatchObject({ code: 0 })
})
