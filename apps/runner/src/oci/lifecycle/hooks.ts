import { setTimeout as delay } from 'node:timers/promises'
import { launch, type LaunchOptions } from '@ctr/launch'
import { sys } from '@ctr/syscall'
import type { HookKind, OciConfig, OciHook } from '../config/config-shape.ts'
import { OciError } from '../oci-error.ts'
import type { ReportedState } from '../state/status.ts'

/** More of what a hook says is not kept. */
const mostBytes = 65536

/** How long is waited for the end of what a hook says once it has ended itself. */
const lastWordsMillis = 500

/** Where hooks run: among the runtime's own namespaces, or in those of a process. */
type HookPlace = Pick<LaunchOptions, 'join'>

/**
 * All hooks of a kind have run, one after the other, each with the state on its standard input.
 *
 * They have the environment that the configuration gives them and nothing else, the bundle as working directory, and no descriptor of ours.
 *
 * @param place not looked for where there is no hook of this kind
 * @throws OciError the first that failed; those behind it have not run
 * @see OCI runtime-spec config.md, POSIX-platform Hooks
 */
export async function runHooks(config: OciConfig, kind: HookKind, state: ReportedState, place: () => HookPlace = () => ({})): Promise<void> {
  for (const [i, hook] of (config.hooks?.[kind] ?? []).entries()) {
    const failure = await run(hook, state, place()).catch((error: unknown) => (error as Error).message)
    if (failure !== undefined) throw new OciError(`error running ${kind} hook #${i}: ${failure}`)
  }
}

/** What went wrong; nothing where it ended with 0. */
async function run({ path, args = [path], env = [], timeout }: OciHook, state: ReportedState, place: HookPlace): Promise<string | undefined> {
  const inRuntime = place.join === undefined
  const hook = await launch([
    ...(inRuntime ? [sys.chdir(state.bundle, 'hooks begin in the bundle')] : []),
    sys.setsid('a signal from a terminal is not for hooks'),
    sys.execve(path, args.length > 0 ? args : [path], env, `${path} was asked to be run`),
  ], { ...place, stdio: ['pipe', 'ignore', 'pipe'], name: 'ctr-hook' })
  // It need not read its state, and may have ended before it could.
  hook.stdin!.on('error', () => {})
  hook.stdin!.end(JSON.stringify(state))
  let said = ''
  hook.stderr!.on('data', (chunk: Buffer) => { if (said.length < mostBytes) said += chunk.toString('latin1') })
  const heard = new Promise<void>((resolve) => hook.stderr!.once('close', resolve))
  let late = false
  const timer = timeout === undefined ? undefined : setTimeout(() => { late = true; hook.kill() }, timeout * 1000)
  const { status, signal } = await hook.exited
  clearTimeout(timer)
  await hook.closed
  // What it leaves running may hold the pipe.
  await Promise.race([heard, delay(lastWordsMillis, undefined, { ref: false })])
  hook.stderr!.destroy()
  if (late) return `it took more than ${timeout} s`
  if (status === 0) return undefined
  return `${signal === null ? `exit status ${status}` : `signal: ${signal}`}, stdout: , stderr: ${said.trimEnd()}`
}
