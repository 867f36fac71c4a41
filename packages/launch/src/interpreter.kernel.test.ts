import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { codeAddress } from '@ctr/elf'
import { interpreter } from './interpreter.ts'

const tools = { x64: ['objdump', '-m', 'i386:x86-64', '-M', 'intel'], arm64: ['aarch64-linux-gnu-objdump', '-m', 'aarch64'] } as const

// Every instruction that may be in it; anything else would be a mistake of an encoder, or data that is run.
const known = {
  x64: ['add', 'cmp', 'jae', 'je', 'jmp', 'jne', 'mov', 'movzx', 'sub', 'syscall'],
  arm64: ['add', 'b', 'b.cs', 'b.eq', 'b.ne', 'cmn', 'cmp', 'ldr', 'ldrb', 'mov', 'str', 'sub', 'svc'],
}

/** The code as binutils reads it: the independent view of what `interpreter` means to write. */
function disassembly(machine: 'x64' | 'arm64'): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'interpreter-'))
  try {
    writeFileSync(join(folder, 'code'), interpreter(machine))
    const [tool, ...args] = tools[machine]
    const text = execFileSync(tool, ['-D', '-b', 'binary', '-w', '--no-show-raw-insn', `--adjust-vma=0x${codeAddress.toString(16)}`, ...args, join(folder, 'code')], { encoding: 'utf8' })
    return text.split('\n').flatMap((line) => /^\s*([0-9a-f]+):\t(.*)/.exec(line)?.slice(1).join(' ').replace(/\s+/g, ' ').trim() ?? [])
  } finally {
    rmSync(folder, { recursive: true })
  }
}

for (const machine of ['x64', 'arm64'] as const) {
  const missing = spawnSync(tools[machine][0], ['--version']).error !== undefined
  describe.skipIf(missing)(`the ${machine} interpreter${missing ? `: needs ${tools[machine][0]} (binutils)` : ''}`, () => {
    test('has only known instructions', () => {
      expect(disassembly(machine).map((line) => line.split(' ')[1]).filter((name) => !known[machine].includes(name!))).toEqual([])
    })

    test('is what binutils has read before', async () => {
      await expect(disassembly(machine).join('\n') + '\n').toMatchFileSnapshot(`./__snapshots__/interpreter-${machine}.txt`)
    })
  })
}
