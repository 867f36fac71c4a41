import { sys, type Constant, type Program } from '@ctr/syscall'
import { launch, type LaunchOptions } from '@ctr/launch'
import { protect } from './protect.ts'

const namespaces: readonly Constant<'clone'>[] = ['CLONE_NEWNS', 'CLONE_NEWPID', 'CLONE_NEWIPC', 'CLONE_NEWUTS', 'CLONE_NEWCGROUP', 'CLONE_NEWNET']

/** What a shell prints that starts where the program has led to, and how it ends. The host is read-only for all of it. */
export async function shell(program: Program, script: string, options: LaunchOptions = {}) {
  const exec = sys.execve('/bin/sh', ['sh', '-c', `exec 2>&1\n${script}`], ['PATH=/usr/sbin:/usr/bin:/sbin:/bin'], 'the test looks from inside')
  const child = await launch([...protect(), ...program, exec], { namespaces, stdio: ['ignore', 'pipe', 'inherit'], ...options })
  let text = ''
  for await (const chunk of child.stdout ?? []) text += String(chunk)
  return { text, status: (await child.exited).status, child }
}
