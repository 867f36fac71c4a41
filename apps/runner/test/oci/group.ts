import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect } from 'vitest'
import { cgroups, exists, type Group } from '@ctr/cgroup'
import type { LaunchedProcess } from '@ctr/launch'
import { commands } from '../../src/oci/cli/commands.ts'
import { parseOciFlags } from '../../src/oci/cli/flags.ts'
import type { OciProcess } from '../../src/oci/config/process-shape.ts'
import { create, type CreateOptions } from '../../src/oci/lifecycle/create.ts'
import { exec, type ExecOptions } from '../../src/oci/lifecycle/exec.ts'
import { remove } from '../../src/oci/lifecycle/remove.ts'
import { OciStore } from '../../src/oci/state/oci-store.ts'
import { groupOfState, statusOf, type OciStatus } from '../../src/oci/state/status.ts'
import { lines, text } from '../inside.ts'
import { Bundles, type BundleConfig } from './oci.ts'

export const layout = cgroups()

/** A container of a bundle that has been made. */
export interface Made {
  readonly id: string
  readonly bundle: string
  readonly group: Group
  /** Its process, once it was started. */
  readonly process: Promise<LaunchedProcess>
  /** What it prints next, once it was started. */
  next(): Promise<string>
  status(): OciStatus
  /** Of its first process, as it is written down. */
  pid(): number
  /** What a command prints that is executed in it. */
  exec(...args: string[]): Promise<string>
  /** The same, with a process that differs from the container's own in more than its command. */
  execWith(how: Pick<ExecOptions, 'ignorePaused' | 'subgroups'> & { readonly process?: Partial<OciProcess> }, ...args: string[]): Promise<string>
  /** A file for it, by name. */
  file(text: string): string
  /** Runs a command of `ctrun-oci` with its id, within this process: a process of its own for each takes seconds in the guest. */
  oci(command: string, ...flags: string[]): Promise<number>
}

/** Makes containers of bundles for the tests of a file, which are gone behind each test, and the bundles behind the last. */
export function containers(): { readonly made: (script: string, change?: (config: BundleConfig) => void, options?: Partial<CreateOptions>) => Promise<Made>; readonly bundles: () => Bundles } {
  let bundles: Bundles
  let store: OciStore
  let count = 0
  const all: Made[] = []
  const warn = (message: string) => { throw new Error(`Warned: ${message}`) }
  beforeAll(() => {
    bundles = new Bundles()
    store = new OciStore(bundles.root)
  })
  afterEach(async () => {
    for (const { id, group, process: launched } of all.splice(0)) {
      // One that waits for its start: who makes it, this process, is there to see its end, and would clean up as well.
      const state = store.read(id)
      if (state && statusOf(store, state) === 'created') process.kill(state.process!.pid, 'SIGKILL')
      const { stdio, exited } = await launched.catch(() => ({ stdio: [], exited: undefined }))
      await remove(store, id, { force: true, warn })
      await exited
      for (const stream of stdio) stream?.destroy()
      expect(exists(group)).toBe(false)
    }
    expect(bundles.left()).toEqual([])
  })
  afterAll(() => bundles.remove())

  return {
    bundles: () => bundles,
    async made(script, change = () => {}, options = {}) {
      const id = `group-${process.pid}-${count++}`
      const bundle = bundles.bundle(script, change)
      let launched!: Promise<LaunchedProcess>
      await new Promise<void>((resolve, reject) => {
        launched = create({ store, id, bundle, stdio: 'pipe', ...options, onCreated: () => resolve() })
        launched.catch(reject)
      })
      let read: ReturnType<typeof lines> | undefined
      const container: Made = {
        id, bundle, group: groupOfState(store.find(id)), process: launched,
        async next() {
          read ??= lines((await launched).stdout!)
          const { value } = await read.next()
          if (value === undefined) throw new Error('It has printed nothing more')
          return value
        },
        status: () => statusOf(store, store.find(id)), pid: () => store.find(id).process!.pid,
        exec: (...args) => container.execWith({}, ...args),
        async execWith({ process, ...how }, ...args) {
          const joined = await exec({ store, id, stdio: 'pipe', ...how, process: (own) => ({ ...own!, ...process, args }) })
          const [stdout] = await Promise.all([text(joined.stdout), text(joined.stderr), joined.exited])
          return stdout
        },
        file(contents) {
          const path = join(bundles.directory, `file-${count++}`)
          writeFileSync(path, contents)
          return path
        },
        async oci(name, ...flags) {
          const { command } = await commands.find((each) => each.name === name)!.load()
          const criu = flags.find((each) => each.startsWith('--criu='))?.slice('--criu='.length)
          const words = flags.filter((each) => !each.startsWith('--criu='))
          const status = await command.main(parseOciFlags(command.flags, [...words.filter((each) => each.startsWith('--')), id, ...words.filter((each) => !each.startsWith('--'))]), { store, systemdCgroup: false, warn, note: warn, ...(criu === undefined ? {} : { criu }) })
          // One that was not started: who makes it, this process, cleans up behind it as well, and another may have its name next.
          if (name === 'delete') await launched.catch(() => {})
          return status
        },
      }
      all.push(container)
      return container
    },
  }
}

/** How the host's hierarchies are mounted. */
export const hierarchies = (): string[] => readFileSync('/proc/self/mountinfo', 'utf8').split('\n').filter((line) => / - cgroup2? /.test(line))
