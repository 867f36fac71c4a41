import { statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { isRootless, type Caller } from '../caller.ts'
import type { OciConfig } from '../config/config-shape.ts'
import { parseConfig } from '../config/read-config.ts'
import { withSourcesOf } from '../config/sources-of-bundle.ts'
import { ociContainer, processOf, type CreateWishes, type OciContainer } from '../container.ts'
import { decodeJson, readBytes } from '../json/read-json.ts'
import type { OciFacts } from '../facts.ts'
import { OciError } from '../oci-error.ts'
import { groupIn, ociGroup } from '../oci-group.ts'
import { readOciFacts } from '../read-facts.ts'
import { checkNetworkDevices } from './network-devices.ts'
import { checkId } from '../state/oci-store.ts'
import { annotatedProperties } from '../systemd/annotated-properties.ts'
import { unitOf, type SystemdUnit } from '../systemd/unit.ts'

/** A bundle that was read and thought through, of which nothing exists. */
export interface Prepared {
  /** Sources of bind mounts are absolute. */
  readonly config: OciConfig
  readonly text: Uint8Array
  readonly bundle: string
  readonly container: OciContainer
  readonly caller: Caller
  readonly rootless: boolean
  /** What the source of each bind mount is. */
  readonly sources: OciFacts['sources']
  /** Where resctrl is mounted, if the container has a class of service in it. */
  readonly resctrl: string | undefined
  /** What systemd is to make, where it makes the group. */
  readonly unit?: SystemdUnit
}

/**
 * Reads a bundle and writes its container down. Nothing is made, so nothing has to be undone when it cannot be.
 *
 * @param controlGroup that of the systemd that makes the group, below which it will be; where it makes none, undefined
 * @throws OciError there is no bundle, or nothing in it
 * @throws ConfigError, JsonError, RangeError the configuration
 */
export function prepare({ id, bundle, resctrl, ...wishes }: { readonly id: string; readonly bundle: string; readonly resctrl?: string | undefined } & Omit<CreateWishes, 'id'>, controlGroup?: string): Prepared {
  checkId(id)
  const directory = resolve(bundle)
  const text = readConfig(directory)
  const config = withSourcesOf(directory, parseConfig(decodeJson(text, join(directory, 'config.json'))))
  processOf(config)
  const facts = readOciFacts(config, directory, { id, resctrl })
  const { caller } = facts
  const rootless = wishes.rootless ?? isRootless(caller)
  const unit = controlGroup === undefined ? undefined : { ...unitOf(config.linux?.cgroupsPath, id, { user: rootless, controlGroup }), properties: annotatedProperties(config.annotations) }
  // On version 1 systemd makes those of the controllers that it knows, at the same path in each hierarchy, and the others are ours to make.
  const group = unit ? groupIn(facts.cgroups, unit.path, facts.cgroups.mode === 'v2' ? 'unified' : 'all') : ociGroup(facts.cgroups, config, id, { rootless })
  const container = ociContainer(config, facts, group, { ...wishes, id })
  checkNetworkDevices(config)
  return { config, text, bundle: directory, caller, rootless, sources: facts.sources, resctrl: facts.resctrl?.root, ...(unit ? { unit } : {}), container }
}

/** In the words of runc where there is none. */
function readConfig(bundle: string): Uint8Array {
  try {
    return readBytes(join(bundle, 'config.json'))
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    if (code !== 'ENOENT' && code !== 'ENOTDIR') throw cause
    const stat = statSync(bundle, { throwIfNoEntry: false })
    if (stat?.isDirectory()) throw new OciError(`JSON specification file config.json not found in ${bundle}`, { cause })
    throw new OciError(`chdir ${bundle}: ${stat ? 'not a directory' : 'no such file or directory'}: there is no such bundle`, { cause })
  }
}
