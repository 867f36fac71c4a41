import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { bundle } from './bundle.ts'

// Node 24 and 26 are what it is about: there loading koffi as it comes fails here.
test('loading koffi does not open standard error, which would make a pipe non-blocking for all who have it', () => {
  const dir = mkdtempSync(join(tmpdir(), 'syscall-koffi-'))
  try {
    const script = `import { readFileSync } from 'node:fs'
      import { loadKoffi } from ${JSON.stringify(bundle('../src/koffi.ts', dir))}
      const koffi = loadKoffi()
      const getpid = koffi.load(null).func('int getpid()')
      const [, flags] = /^flags:\\s+(\\d+)/m.exec(readFileSync('/proc/self/fdinfo/2', 'latin1'))
      console.log(getpid() === process.pid, loadKoffi() === koffi, (parseInt(flags, 8) & 0o4000) === 0)`
    const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
    expect({ stdout, stderr }).toEqual({ stdout: 'true true true\n', stderr: '' })
  } finally {
    rmSync(dir, { recursive: true })
  }
})
