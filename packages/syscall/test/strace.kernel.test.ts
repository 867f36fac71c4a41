import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { explain } from '../src/index.ts'
import { bundle } from './bundle.ts'
import { open, samples } from './samples.ts'

const strace = spawnSync('strace', ['-o', '/dev/null', 'true']).status === 0

/** What strace printed for each sample. */
let printed: string[] = []

beforeAll(() => {
  if (!strace) return
  const dir = mkdtempSync(join(tmpdir(), 'syscall-strace-'))
  try {
    const child = bundle('make-samples.ts', dir)
    const log = join(dir, 'log')
    const names = [...new Set(samples.map((call) => call.name))].join(',')
    // -f follows no thread here: only the main one makes samples.
    const { status, stderr } = spawnSync('strace', ['-v', '-s', '4096', '-e', 'signal=none', '-o', log, '-e', `trace=${names}`, process.execPath, child], { encoding: 'utf8' })
    expect({ status, stderr }).toEqual({ status: 7, stderr: '' })
    printed = bySample(readFileSync(log, 'utf8').split('\n'))
  } finally {
    rmSync(dir, { recursive: true })
  }
})

/** What glibc's malloc opens before it gives memory back, whenever that is (malloc/arena.c, check_may_shrink_heap). */
const ofMalloc = 'openat(AT_FDCWD, "/proc/sys/vm/overcommit_memory"'

/** The first line behind each marker with the name of the sample: V8 may unmap memory in between. */
function bySample(lines: string[]): string[] {
  const found: string[] = []
  let wanted: string | undefined
  for (const line of lines) {
    const marker = /^chdir\("\/sample\/(\d+)"\)/.exec(line)
    if (marker) wanted = samples[Number(marker[1])]!.name
    else if (wanted !== undefined && line.startsWith(`${wanted}(`) && !line.startsWith(ofMalloc)) {
      found.push(line.replace(/^(.*?\))\s+= .*$/, '$1'))
      wanted = undefined
    }
  }
  return found
}

const expected = samples.map((call) => explain([call], { open, names: false, why: false })[0]!)

/** Constants that strace 6.1 (Debian 12) does not know, some in one call only, and what it prints for them. */
const unknown: readonly (readonly [call: string, name: string, known: readonly string[], rest: number])[] = [
  ['fcntl', 'F_SEAL_EXEC', [], 0x20],
  ['memfd_create', 'MFD_EXEC', [], 0x10],
  ['memfd_create', 'MFD_NOEXEC_SEAL', [], 0x8],
  ['fsmount', 'MOUNT_ATTR_NOSYMFOLLOW', [], 0x200000],
  ['mount_setattr', 'MOUNT_ATTR__ATIME', ['MOUNT_ATTR_NOATIME', 'MOUNT_ATTR_STRICTATIME'], 0x40],
]

/** The line as a strace that does not know these constants prints it: what has no name comes last, as a number. */
function numbered(line: string): string {
  for (const [call, name, known, rest] of unknown)
    if (line.startsWith(`${call}(`))
      line = line.replace(new RegExp(`[A-Z_|]*\\b${name}\\b[A-Z_|]*`), (list) => [...list.split('|').flatMap((one) => (one === name ? known : [one])), `0x${rest.toString(16)}`].join('|'))
  return line
}

/** What a buffer will hold is not known before, and of struct termios only strace knows the members. */
function matches(line: string, printed: string): boolean {
  const open = line.replace(/TCSETS, \{0x0+\}/, '…TCSETS, …')
  const pattern = open.split('…').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('.*')
  return new RegExp(`^${pattern}$`).test(printed)
}

test.skipIf(!strace)('strace printed a line for every sample (needs strace)', () => expect(printed).toHaveLength(samples.length))

test.skipIf(!strace).each(samples.map((call, index) => [call.name, index] as const))('%s, sample %i, is printed as strace does (needs strace)', (_name, index) => {
  const line = expected[index]!
  if (!matches(line, printed[index]!) && !matches(numbered(line), printed[index]!)) expect(line).toBe(printed[index])
})
