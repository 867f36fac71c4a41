import { readFileSync } from 'node:fs'
import { newId } from '../../store.ts'
import { sweep } from '../../stale.ts'
import { explainStartFailure } from '../errors/start-failure.ts'
import { Arguments } from '../flags/flag.ts'
import { build } from './build.ts'
import { killFromOutside } from './death.ts'
import { hitLimits, showMembers } from './limits.ts'
import { Narrator } from './narrator.ts'
import { mountsOf } from './observe.ts'
import { bothViews, compareNamespaces, inside } from './views.ts'

/** Two processes beside PID 1: one whose parent ends at once, and a child of its own. */
const script = '(sleep 1111 &); sleep 2222; true'

export async function tour(): Promise<void> {
  const narrator = new Narrator()
  const name = `tour-${newId().slice(0, 6)}`
  const config = { rootfs: 'host', args: ['sh', '-c', script], name, remove: true } as const
  await sweep()
  const mounts = mountsOf('self')
  await narrator.say('A container is a process that was told little about the computer it runs on. How: a list of system calls. Here is one being made of this machine\'s own files. Every number below was just read from the kernel.')
  await narrator.scene('Building it, call by call')
  const container = await build(config, narrator).catch((error: unknown) => {
    throw explainStartFailure(error, config, new Arguments([], ['host', ...config.args]), name)
  })
  try {
    await narrator.scene('One set of processes, two views')
    const pids = await bothViews(container, narrator)
    await narrator.scene('What it shares with the host, and what is its own')
    await compareNamespaces(container, narrator)
    await ownFiles(name, narrator)
    await narrator.scene('Limits, hit')
    await showMembers(container, narrator)
    await hitLimits(name, narrator)
    await narrator.scene('PID 1 is killed from outside')
    await killFromOutside(container, pids, mounts, narrator)
  } finally {
    await container[Symbol.asyncDispose]()
  }
  await narrator.pause(0.8)
  await narrator.line('')
  await narrator.say('Now you: ctrun run --rm -it host sh · ctrun explain host sh · ctrun --help')
}

/** What it writes is its own, though it was the host's file. */
async function ownFiles(name: string, narrator: Narrator): Promise<void> {
  const write = 'hostname; echo mine > /etc/hostname; cat /etc/hostname'
  await narrator.show(`ctrun exec ${name} sh -c '${write}'`, narrator.colours.cyan(await inside(name, ['sh', '-c', write])))
  await narrator.show('cat /etc/hostname', readFileSync('/etc/hostname', 'utf8'))
}
