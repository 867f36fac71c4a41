import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { nodeScript } from '../../../packages/launch/test/node-script.ts'
import type { ContainerConfig } from '../src/config.ts'

/** Where an owner is to stop, and what for. */
export interface OwnerOptions {
  readonly config: ContainerConfig
  /** Before call k of the program is made. */
  readonly call?: number
  /** After the name was claimed and the cgroup made, before anything is launched. */
  readonly claimed?: boolean
  /** A command that it executes in the container as well. */
  readonly exec?: readonly string[]
  /** It pauses the container. */
  readonly pause?: boolean
}

const script = `
  import { writeSync } from 'node:fs'
  import { exec, find, start } from '../../../apps/runner/src/index.ts'
  const { config, call, claimed, exec: args, pause } = JSON.parse(process.env.OWNER)
  const here = (word) => writeSync(1, word + '\\n')
  const options = { stdio: 'ignore' }
  if (call !== undefined) options.step = (index) => index === call ? (here('call'), new Promise(() => setInterval(() => {}, 60_000))) : undefined
  // Options are read when all is ready for the launch.
  if (claimed) Object.defineProperty(options, 'trace', { get() { here('claimed'); Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0) } })
  const container = await start(config, options)
  container.stdout?.resume()
  if (args) await exec(find(container.name), { args }, { stdio: 'ignore' })
  if (pause) await container.pause()
  here('running')
  await container.exited
  here('exited')
`
let file: Promise<string> | undefined

/** The script is there. To be awaited before things are counted: building it starts a process that stays. */
export async function buildOwner(): Promise<void> {
  await (file ??= nodeScript(script))
}

/** A Node process that owns a container and has come to where it was to stop. */
export async function owner(options: OwnerOptions): Promise<ChildProcess> {
  const child = spawn(process.execPath, [await (file ??= nodeScript(script))], { env: { ...process.env, OWNER: JSON.stringify(options) }, stdio: ['ignore', 'pipe', 'inherit'] })
  const first = await Promise.race([once(child.stdout!, 'data').then(String), once(child, 'exit').then(() => 'ended')])
  if (first === 'ended') throw new Error('The owner ended before it came to where it was to stop')
  return child
}

/** Ends it as nothing can be prepared for. */
export async function killOwner(child: ChildProcess): Promise<void> {
  const ended = once(child, 'close')
  child.kill('SIGKILL')
  await ended
}
