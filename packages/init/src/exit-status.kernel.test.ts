import { spawnSync } from 'node:child_process'
import { afterAll, afterEach, describe, expect, test } from 'vitest'
import { folder, asPid1, cannotRun, endAll, noNamespace, run, start } from './fixtures/world.ts'
import { initElf } from './init.ts'

const files = folder()
afterAll(files.remove)
afterEach(endAll)

for (const machine of ['x64', 'arm64'] as const) {
  const init = run(machine, files.program(`init-${machine}`, initElf({ machine })))
  for (const place of ['PID 1', 'an ordinary process'] as const) {
    const reason = cannotRun(machine) || (place === 'PID 1' && noNamespace)
    const prefix = place === 'PID 1' ? asPid1 : []
    const result = async (...command: string[]) => {
      const process = start([...prefix, ...init, ...command])
      return [await process.ended, process.text()]
    }

    describe.skipIf(reason)(`${machine}, as ${place}, exits with${reason ? `: ${reason}` : ''}`, () => {
      test.each([0, 7, 255])('%i, as the payload', async (code) => {
        expect(await result('sh', '-c', `exit ${code}`)).toEqual([code, ''])
      })

      test.each([['KILL', 137], ['TERM', 143], ['SEGV', 139], ['HUP', 129]])('128 and the number of SIG%s', async (name, code) => {
        expect(await result('sh', '-c', `ulimit -c 0; kill -${name} $$`)).toEqual([code, ''])
      })

      test('127 where there is no command of that name', async () => {
        expect(await result('no-such-command')).toEqual([127, 'init: no-such-command: ENOENT\n'])
        expect(await result('/no/such/command')).toEqual([127, 'init: /no/such/command: ENOENT\n'])
        expect(await result('')).toEqual([127, 'init: : ENOENT\n'])
      })

      test('126 where it cannot be executed', async () => {
        expect(await result('/etc/passwd')).toEqual([126, 'init: /etc/passwd: EACCES\n'])
        expect(await result('/etc')).toEqual([126, 'init: /etc: EACCES\n'])
        expect(await result('/etc/passwd/x')).toEqual([126, 'init: /etc/passwd/x: ENOTDIR\n'])
        expect(await result('/' + 'x'.repeat(5000))).toEqual([126, `init: /${'x'.repeat(5000)}: ENAMETOOLONG\n`])
      })

      test('125 where there is neither a command nor a child at descriptor 3', async () => {
        expect(await result()).toEqual([125, 'init: no command, and no child as descriptor 3: EBADF\n'])
      })
    })
  }
}

const machine = process.arch === 'arm64' ? 'arm64' : 'x64'
const reason = cannotRun(machine)
describe.skipIf(reason)(`the command is looked for${reason ? `: ${reason}` : ''}`, () => {
  const init = files.program('init-here', initElf({ machine }))
  // A program that is found by name and prints the name it was called by.
  const found = files.program('found', new TextEncoder().encode('#!/bin/sh\necho "$0 $*"\n'))
  const there = found.slice(0, -'/found'.length)
  const withPath = async (path: string | undefined, ...command: string[]) => {
    const setting = path === undefined ? ['-u', 'PATH'] : [`PATH=${path}`]
    const process = start(['/usr/bin/env', '-C', there, ...setting, init, ...command])
    return [await process.ended, process.text()]
  }

  test('in every folder of PATH', async () => {
    expect(await withPath(`/nowhere:${there}:/bin`, 'found', 'a', 'b')).toEqual([0, `${found} a b\n`])
  })

  test('past what may not be executed, which is then the error', async () => {
    expect(await withPath(`/etc/passwd:${there}`, 'found')).toEqual([0, `${found} \n`])
    expect(await withPath('/etc', 'passwd')).toEqual([126, 'init: passwd: EACCES\n'])
    expect(await withPath('/etc:/usr/bin', 'passwd', '--help')).toEqual([0, expect.stringContaining('passwd')])
    expect(await withPath('/etc:/nowhere', 'passwd')).toEqual([126, 'init: passwd: EACCES\n'])
  })

  test('in the working directory, where PATH has an empty entry', async () => {
    for (const path of ['', ':', '/nowhere:', ':/nowhere', '/nowhere::/bin']) expect(await withPath(path, 'found')).toEqual([0, 'found \n'])
  })

  test('not along PATH if it has a slash', async () => {
    expect(await withPath('/nowhere', './found')).toEqual([0, './found \n'])
    expect(await withPath('/nowhere', found)).toEqual([0, `${found} \n`])
  })

  test('in the usual folders without a PATH', async () => {
    expect(await withPath(undefined, 'true')).toEqual([0, ''])
    expect(await withPath(undefined, 'found')).toEqual([127, 'init: found: ENOENT\n'])
  })

  test('a text without #! is run by sh, with its arguments, found or named', async () => {
    const text = files.program('text', new TextEncoder().encode('echo "$0 $*"; exit 3\n'))
    const folder = text.slice(0, text.lastIndexOf('/'))
    expect(await withPath(`/nowhere:${folder}`, 'text', 'a', 'b c')).toEqual([3, `${text} a b c\n`])
    expect(await withPath('/nowhere', text, 'a')).toEqual([3, `${text} a\n`])
  })

  test('but no program of another machine', async () => {
    const image = initElf({ machine })
    new DataView(image.buffer).setUint16(18, 0xcafe, true) // e_machine
    const other = files.program('other', image)
    expect(await withPath('/nowhere', other)).toEqual([126, `init: ${other}: ENOEXEC\n`])
  })

  test.skipIf(noNamespace)('and where there is no sh, it is the text that cannot be executed', async () => {
    const text = files.program('text', new TextEncoder().encode('exit 3\n'))
    // /bin/sh is covered by what is no program, in a mount namespace of its own.
    const covered = `mount --bind /etc/passwd "$(readlink -f /bin/sh)" && exec "$@"`
    const process = start(['unshare', '--mount', '--propagation', 'private', 'bash', '-c', covered, 'bash', init, text])
    expect([await process.ended, process.text()]).toEqual([126, `init: ${text}: ENOEXEC\n`])
  })

  const canInject = spawnSync('strace', ['-o', '/dev/null', 'true'])
  const noStrace = canInject.error || canInject.status !== 0
  test.skipIf(noStrace)(`an error that is not to be expected is a number${noStrace ? ': needs strace' : ''}`, async () => {
    const process = start(['strace', '-f', '-o', '/dev/null', '-P', '/usr/bin/env', '-e', 'inject=execve:error=EDOM', init, '/usr/bin/env'])
    expect([await process.ended, process.text()]).toEqual([126, 'init: /usr/bin/env: errno 33\n'])
  })

  test('past entries that are too long', async () => {
    for (const length of [300, 4000, 4088, 4089, 4090, 4091, 4095, 4096, 4097, 9000])
      expect(await withPath(`/${'x'.repeat(length)}:${there}`, 'found')).toEqual([0, `${found} \n`])
  })
})
