import { closeSync, openSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { cloneInto, joinCalls } from '@ctr/cgroup'
import { adopt, checkpoint as waiting, type AdoptedProcess, type Stdio } from '@ctr/launch'
import { identityOf, parseMountinfo } from '@ctr/procfs'
import { sys } from '@ctr/syscall'
import { newId } from '../../store.ts'
import { unitCheckpoint } from '../container.ts'
import { inherited, readDescriptors } from '../criu/descriptors.ts'
import { mountSources } from '../criu/external-mounts.ts'
import { externalNamespaces, joinedNamespaces } from '../criu/external-namespaces.ts'
import { findCriu } from '../criu/find-criu.ts'
import { linksOf } from '../criu/links-of.ts'
import { placeInRoot } from '../criu/place-in-root.ts'
import { checkRestrictions } from '../criu/restrictions.ts'
import { askCriu, firstMore } from '../criu/swrk.ts'
import { keyringName } from '../program/session-keyring.ts'
import type { OciState } from '../state/oci-state.ts'
import { checkId, type OciStore } from '../state/oci-store.ts'
import { reportedState } from '../state/status.ts'
import { checkEmpty, checkUnused, firstState, undo } from './create.ts'
import { checkRoot, configFile, directoriesOf, emptyNetwork, type CriuWishes } from './criu-options.ts'
import { runHooks } from './hooks.ts'
import { groupSettings, makeGroup } from './make-group.ts'
import { writePidFile } from './pid-file.ts'
import { prepare } from './prepare.ts'
import { removeOwn } from './remove-own.ts'
import { checkRestore, groupRoots, handMasterOver, networkUp, passedOn, shownGroup, stdioOf } from './restoring.ts'
import type { TerminalTaker } from './terminal.ts'
import { controlGroupOfSystemd, joinOthers, startUnit } from './unit.ts'

export interface RestoreOptions extends CriuWishes, TerminalTaker {
  readonly store: OciStore
  readonly id: string
  readonly bundle: string
  readonly rootless?: boolean | undefined
  readonly systemd: boolean
  readonly pidFile?: string | undefined
  /** What the container gets in place of pipes and files of its caller's. Default: our own. */
  readonly stdio?: readonly [Stdio, Stdio, Stdio]
  readonly warn: (message: string) => void
}

/**
 * The processes of a checkpoint go on as a new container, of a bundle like that from which they were made.
 *
 * @returns its first process, and what removes the container when it has ended
 * @throws OciError CRIU is not here, or could not do it; nothing is left
 */
export async function restore(options: RestoreOptions): Promise<{ readonly process: AdoptedProcess; readonly remove: () => Promise<void> }> {
  const { store, id, warn } = options
  checkId(id)
  checkRoot()
  checkUnused(store, id)
  const criu = findCriu(options.criu)
  const keyring = keyringName(id, newId())
  const prepared = prepare({ id, bundle: options.bundle, keyring, ...(options.rootless === undefined ? {} : { rootless: options.rootless }) }, options.systemd ? await controlGroupOfSystemd(options) : undefined)
  const { config, unit, sources: kinds, container: { group, rootfs } } = prepared
  checkRestore(config, group, options)
  const directories = directoriesOf(options, { make: false })
  const stdio = inherited(readDescriptors(directories.images))
  const settings = groupSettings(group, config, prepared.caller)
  checkEmpty(group, store, id)
  const sources = mountSources(config, {
    rootfs, at: resolve(store.directory(id)), group: shownGroup(config, group), kinds, placeOf: (destination) => placeInRoot(rootfs, destination),
    below: parseMountinfo(readFileSync('/proc/self/mountinfo', 'utf8')).map(({ mountPoint }) => mountPoint),
  })
  const given = externalNamespaces(config)
  const state = firstState(id, prepared, keyring)
  store.removeDrafts(state.creator.bootId)
  store.claim(state, prepared.text)
  const fill = () => makeGroup(group, settings, state)
  let reached: OciState | undefined
  const own: number[] = []
  try {
    if (!unit) await fill()
    const born = unit ? undefined : cloneInto(group)
    const join = unit ? [] : joinCalls(group, { clonedInto: born !== undefined })
    for (const { path } of given) own.push(openSync(path, 'r'))
    const { pid } = await askCriu({
      type: 'RESTORE', criu, ...directories, stdio: stdioOf(stdio, options.stdio), more: own,
      program: [...(unit ? waiting(unitCheckpoint) : []), ...join.filter((call) => call.name !== 'openat'), ...sources.program, sys.chdir('/', 'the bundle is not to be held'), ...passedOn(config, keyring)],
      launch: {
        namespaces: ['CLONE_NEWNS'], stage: join.filter((call) => call.name === 'openat'), ...(born === undefined ? {} : { cgroup: born }),
        checkpoints: {
          [unitCheckpoint]: async ({ pid }) => {
            await startUnit(unit!, state, pid, group, settings)
            await fill()
            joinOthers(group, pid)
          },
        },
      },
      options: ({ pid }) => ({
        ...options.passed, root: rootfs, rst_sibling: true, evasive_devices: true, orphan_pts_master: true, manage_cgroups_mode: options.groups, empty_ns: emptyNetwork, ...configFile(config.annotations),
        cg_root: groupRoots(readFileSync(`/proc/${pid}/cgroup`, 'utf8')), external: sources.external, join_ns: joinedNamespaces(config),
        inherit_fd: [...stdio.map(({ key, fd }) => ({ key, fd })), ...given.map(({ key }, i) => ({ key, fd: firstMore + i }))],
      }),
      onNotify: async (script, { pid = 0, fd }) => {
        if (script === 'orphan-pts-master' && fd !== undefined) handMasterOver(fd, config, options)
        if (script === 'setup-namespaces') {
          reached = { ...state, process: identityOf(pid) }
          await networkUp(reached, config)
          await runHooks(config, 'prestart', reportedState(reached, 'created'))
          await runHooks(config, 'createRuntime', reportedState(reached, 'creating'))
        }
        if (script === 'post-restore') {
          checkRestrictions(directories.images, parseMountinfo(readFileSync(`/proc/${pid}/mountinfo`, 'utf8')))
          reached = { ...state, process: identityOf(pid), stdio: linksOf(pid).map((link, fd) => (stdio.some((each) => each.fd === fd) ? link : '')) }
          store.write(reached)
          if (options.pidFile !== undefined) writePidFile(options.pidFile, pid)
        }
      },
    })
    return { process: adopt(pid!), remove: async () => removeOwn(store, reached!, warn) }
  } catch (error) {
    await undo(store, group, state, () => {})
    if (reached) await runHooks(config, 'poststop', reportedState(reached, 'stopped')).catch(() => {})
    throw error
  } finally {
    for (const fd of own) closeSync(fd)
  }
}
