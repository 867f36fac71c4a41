import { closeSync, existsSync } from 'node:fs'
import { deleteGroup, kill as killGroup, oomKills, procs, type Group } from '@ctr/cgroup'
import { launch, type LaunchedProcess, type LaunchOptions, type Stdio } from '@ctr/launch'
import { newId, ownIdentity } from '../../store.ts'
import { hookKinds } from '../config/config-shape.ts'
import { processOf, type CreateWishes } from '../container.ts'
import { OciError } from '../oci-error.ts'
import { kindOf } from '../oci-group.ts'
import { newNamespaces } from '../program/namespaces.ts'
import { keyringName } from '../program/session-keyring.ts'
import type { OciState } from '../state/oci-state.ts'
import { checkId, type OciStore } from '../state/oci-store.ts'
import { reportedState } from '../state/status.ts'
import { Creation, type CreationOptions } from './creation.ts'
import { runHooks } from './hooks.ts'
import { groupSettings, makeGroup } from './make-group.ts'
import { openIdMaps } from './open-id-maps.ts'
import { prepare, type Prepared } from './prepare.ts'
import { preservedDescriptors } from './preserved-descriptors.ts'
import { performResctrl } from './resctrl.ts'
import { startFifo } from './start-fifo.ts'
import { checkConsoleSocket, checkTerminal } from './terminal.ts'
import { controlGroupOfSystemd, joinOthers, startUnit, stopUnit } from './unit.ts'
import { explained } from './user-namespace-refusal.ts'
import { writerOf } from './write-id-maps.ts'

export interface CreateOptions extends Omit<CreateWishes, 'keyring' | 'id'>, Omit<CreationOptions, 'starts' | 'onUnit'> {
  readonly id: string
  readonly bundle: string
  /** 0, 1 and 2 of the command. Default: our own. */
  readonly stdio?: Stdio
  /** Where resctrl is mounted; default what the table of mounts says. */
  readonly resctrl?: string
  /** It gets no session keyring of its own: `--no-new-keyring`. */
  readonly noNewKeyring?: boolean
  /** What the interpreter is to do between the calls, or to one of them: for tests. */
  readonly weave?: Pick<LaunchOptions, 'fault' | 'step'>
  /** Hears what was asked for and is left out. */
  readonly warn?: (message: string) => void
}

/**
 * The container's first process has its namespaces, its file system and its limits, and waits for `start`.
 *
 * @returns the process, once it has executed its command or ended: `onCreated` is the moment before
 * @throws OciError, SyscallError, CgroupError, ConfigError; nothing is left
 */
export async function create(options: CreateOptions): Promise<LaunchedProcess> {
  const { store, id, waits = true } = options
  checkId(id)
  const preserved = preservedDescriptors(options.preserveFds ?? 0)
  // Said before anything of the bundle is: claim has the last word.
  checkUnused(store, id)
  const keyring = options.noNewKeyring ? undefined : keyringName(id, newId())
  const prepared = prepare({ ...options, keyring }, options.systemd ? await controlGroupOfSystemd(options) : undefined)
  const { config, container, unit } = prepared
  const process = processOf(config)
  checkTerminal(process, options)
  checkConsoleSocket(process, options)
  const { group } = container
  const settings = groupSettings(group, config, prepared.caller)
  for (const warning of container.warnings) options.warn?.(warning)
  checkEmpty(group, store, id)
  const state = firstState(id, prepared, keyring)
  store.removeDrafts(state.creator.bootId)
  store.claim(state, prepared.text)
  const fill = () => makeGroup(group, settings, state)
  const creation = new Creation(prepared, state, {
    ...options, starts: !waits,
    onUnit: async (pid) => {
      await startUnit(unit!, state, pid, group, settings)
      await fill()
      joinOthers(group, pid)
    },
  })
  const opened: Record<string, number> = {}
  try {
    if (!unit) await fill()
    if (container.rdt) performResctrl(prepared.resctrl!, container.rdt.make)
    Object.assign(opened, await openIdMaps(container.idMaps))
    if (waits) opened['start'] = startFifo(store.path(id, 'start'))
    const launched = await launch(container.program, {
      ...container.launch, ...writerOf(container.launch.idMaps, prepared.caller), checkpoints: creation.checkpoints, ...options.weave,
      stdio: process.terminal ? 'ignore' : (options.stdio ?? 'inherit'),
      pass: { ...preserved, ...opened },
    })
    creation.settle()
    return launched
  } catch (error) {
    const starved = outOfMemory(group)
    const left = creation.abandon()
    // What is there already is another's.
    const unmake = container.rdt && (error as NodeJS.ErrnoException).code !== 'EEXIST' ? container.rdt.unmake : []
    await undo(store, group, state, () => { if (unmake.length > 0) performResctrl(prepared.resctrl!, unmake) })
    // Hooks may have made something for it that only others know how to remove.
    if (creation.reached) await runHooks(config, 'poststop', reportedState(creation.reached, 'stopped')).catch(() => {})
    if (left.length > 0) throw new OciError([(error as Error).message, ...left].join('; '), { cause: error })
    if (starved) throw new OciError(`container init was OOM-killed (memory limit too low?): ${(error as Error).message}`, { cause: error })
    throw explained(error)
  } finally {
    for (const fd of Object.values(opened)) closeSync(fd)
  }
}

/** @throws OciError there is a container of this name */
export function checkUnused(store: OciStore, id: string): void {
  if (existsSync(store.directory(id))) throw new OciError(`container with given ID already exists: ${id}`)
}

/** @throws OciError somebody is in the group, or in one below it: perhaps of a container that has got this name meanwhile */
export function checkEmpty(group: Group, store: OciStore, id: string): void {
  const taken = procs(group, { recursive: true })
  if (taken.length > 0) checkUnused(store, id)
  if (taken.length > 0) throw new OciError(`container's cgroup is not empty: ${taken.length} process(es) found`)
}

/** What is known of a container before it has a process. */
export function firstState(id: string, { config, bundle, rootless, unit, container: { rootfs, group, rdt } }: Prepared, keyring: string | undefined): OciState {
  return {
    v: 1, id, ociVersion: config.ociVersion, bundle, rootfs, created: new Date().toISOString(), annotations: Object.fromEntries(config.annotations ?? []), cgroup: group.path, groups: kindOf(group),
    hooks: hookKinds.filter((kind) => config.hooks?.[kind]?.length),
    ...(unit ? { unit: unit.name } : {}), ...(keyring === undefined ? {} : { keyring }), ...(rdt ? { resctrl: rdt.group } : {}),
    ownPids: newNamespaces(config.linux?.namespaces ?? []).includes('CLONE_NEWPID'), creator: ownIdentity(), rootless,
  }
}

/** The container's own limit was what ended it: all that is seen else is a process that was killed. */
function outOfMemory(group: Group): boolean {
  try {
    return (oomKills(group) ?? 0) > 0
  } catch {
    return false
  }
}

/** Nothing of it is left. @param unmake what else was made */
export async function undo(store: OciStore, group: Group, state: OciState, unmake: () => void): Promise<void> {
  try {
    await killGroup(group)
    unmake()
    // What went wrong may be systemd: the group is ours to remove as well.
    await stopUnit(state).catch(() => {})
    await deleteGroup(group)
  } finally {
    store.remove(state.id)
  }
}
