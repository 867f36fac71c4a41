import { mkdtempSync, rmdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { launch } from '@ctr/launch'
import { sys } from '@ctr/syscall'
import { expect, test } from 'vitest'
import { narrowArguments } from './argument-width.ts'

/** tracefs says how the running kernel declares the arguments of its calls; it is mounted where nobody else sees it. */
async function formats(): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), 'ctr-tracefs-'))
  try {
    const child = await launch([
      sys.mount(null, '/', null, ['MS_REC', 'MS_PRIVATE'], null, 'the host must not see what comes'), sys.mount('tracefs', directory, 'tracefs', [], null, 'it describes every call'),
      sys.execve('/bin/sh', ['sh', '-c', 'cat "$0"/events/syscalls/sys_enter_*/format', directory], ['PATH=/usr/bin:/bin'], 'show them'),
    ], { namespaces: ['CLONE_NEWNS'], stdio: ['ignore', 'pipe', 'ignore'] })
    let text = ''
    for await (const chunk of child.stdout!) text += chunk
    await child.exited
    return text
  } catch (error) {
    if (['ENODEV', 'EPERM'].includes(String((error as { code?: string }).code))) return ''
    throw error
  } finally {
    rmdirSync(directory)
  }
}

const text = process.getuid?.() === 0 ? await formats() : ''

test.skipIf(text === '')('what is taken to have 32 bits is an int to the kernel (needs root, and a kernel with FTRACE_SYSCALLS)', () => {
  const types = new Map(text.split(/^name: sys_enter_/m).slice(1).map((part) => {
    const fields = [...part.matchAll(/^\tfield:(.+?)\s*(\w+);\toffset:\d+;\tsize:\d+;/gm)].map(([, type, name]) => ({ type: type!, name: name! })).filter(({ name }) => !name.startsWith('common_') && name !== '__syscall_nr')
    return [/^\w+/.exec(part)![0], fields.map(({ type }) => type)]
  }))
  let compared = 0
  for (const [name, indices] of Object.entries(narrowArguments)) {
    // Not every kernel has every call.
    if (!types.has(name)) continue
    for (const index of indices) expect([name, index, types.get(name)![index]]).toEqual([name, index, expect.stringMatching(/^(int|unsigned int)$/)])
    compared++
  }
  expect(compared).toBeGreaterThan(15)
})
