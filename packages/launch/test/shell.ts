import { sys, type Program, type Syscall } from '@ctr/syscall'
import { launch, type LaunchOptions } from '../src/index.ts'

/** The call that ends most programs here. */
export const shell = (script: string): Syscall => sys.execve('/bin/sh', ['sh', '-c', script], ['PATH=/usr/sbin:/usr/bin:/sbin:/bin'], 'the test looks from inside')

export async function text(stream: AsyncIterable<Buffer> | null | undefined): Promise<string> {
  let out = ''
  for await (const chunk of stream ?? []) out += chunk.toString()
  return out
}

/** What a shell prints that is launched behind a program. */
export async function run(script: string, options: LaunchOptions = {}, program: Program = []) {
  const p = await launch([...program, shell(script)], { stdio: ['ignore', 'pipe', 'inherit'], ...options })
  const out = await text(p.stdout)
  const exit = await p.exited
  await p.closed
  return { out, exit, process: p }
}
