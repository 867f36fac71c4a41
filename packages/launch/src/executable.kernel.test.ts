import { closeSync, constants, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { sys } from '@ctr/syscall'
import { launch } from './index.ts'
import { images } from '../test/images.ts'
import { run, text } from '../test/shell.ts'

describe.each(images)('as a %s, what is executed first', (image) => {
  // The way of CVE-2019-5736: hold /proc/PID/exe, and write to it once it is not executed any more.
  test('cannot be written to through the process', async () => {
    let exe: number | undefined
    const { out } = await run('echo on', { image, step: (index, _call, { pid }) => {
      if (index === 3) exe = openSync(`/proc/${pid}/exe`, 'r')
    } })
    expect(out).toBe('on\n')
    const write = () => {
      const fd = openSync(`/proc/self/fd/${exe}`, constants.O_WRONLY)
      try {
        writeSync(fd, 'x', 0)
      } finally {
        closeSync(fd)
      }
    }
    try {
      expect(write).toThrow(image === 'file' ? 'EROFS' : 'EPERM')
    } finally {
      closeSync(exe!)
    }
  })

  // T-EXE1: the script makes the kernel execute us again, inside and with nothing but 0, 1 and 2.
  test('does nothing when a script names it as its interpreter', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'launch-'))
    const script = join(folder, 'script')
    writeFileSync(script, '#!/proc/self/exe\n', { mode: 0o755 })
    try {
      const p = await launch([sys.write(1, 'once', 'it must not be twice'), sys.execve(script, ['x'], [], 'an image may hold this')], { image, namespaces: ['CLONE_NEWPID'], stdio: ['ignore', 'pipe', 'ignore'] })
      expect(await text(p.stdout)).toBe('once')
      // EBADF: the first thing it needs is a descriptor that it no longer has.
      expect(await p.exited).toMatchObject({ code: 9 })
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  test('has no memory that is both writable and executable, and no executable stack', async () => {
    let maps = ''
    await run('true', { image, step: (index, _call, { pid }) => { if (index === 5) maps = readFileSync(`/proc/${pid}/maps`, 'utf8') } })
    const flags = maps.trim().split('\n').map((line) => line.split(/\s+/)[1]!)
    expect(flags).toContain('r-xp')
    expect(flags.filter((each) => each.includes('w') && each.includes('x'))).toEqual([])
    expect(/(\S+) \S+ \S+ \S+ +\[stack\]/.exec(maps)?.[1]).toBe('rw-p')
  })
})
