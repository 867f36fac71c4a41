import type { Constant } from '@ctr/syscall'
import { frozen } from './frozen.ts'
import type { MountAttributes } from './mount-attributes.ts'
import { comments, effect, ignored, implied, ofLoopDevices, optionName, type Effect } from './mount-option-names.ts'
import { parsePropagation, type OwnPropagation, type Propagation } from './propagation.ts'

export interface MountOptions {
  /** For `bind` and `attachSource`: one entry for the mount itself, one for it and all below, as far as there are any. */
  readonly attributes: readonly MountAttributes[]
  /** For `filesystem` and `tmpfs`: the flags of the mount itself. */
  readonly flags: readonly Constant<'mount_attr'>[]
  readonly bind?: 'bind' | 'rbind'
  readonly propagation?: Propagation
  readonly idMap?: 'idmap' | 'ridmap'
  /** What is mounted already is to change. */
  readonly remount?: true
  /** A tmpfs is to have the content of the directory that it covers. */
  readonly tmpcopyup?: true
  /** What is left is for the file system: `mode=755`. */
  readonly data: readonly string[]
}

type Flags = Map<Constant<'mount_attr'>, boolean>

/**
 * Mount options as mount(8) and OCI spell them, sorted by who takes them. Of options that contradict each other the last one counts;
 * what is unknown here goes to the file system, as with mount(8).
 *
 * @throws TypeError an option that would have to be done by somebody else: `loop`, `offset`, `sizelimit`
 * @see mount(8), FILESYSTEM-INDEPENDENT MOUNT OPTIONS
 * @see OCI runtime-spec config.md, Linux mount options
 * @example
 * parseMountOptions('rbind,rro,nosuid,rslave')
 * // { attributes: [{ set: ['MOUNT_ATTR_NOSUID'], clear: [] }, { set: ['MOUNT_ATTR_RDONLY'], clear: [], propagation: 'slave', recursive: true }], flags: ['MOUNT_ATTR_NOSUID'], bind: 'rbind', … }
 */
export function parseMountOptions(options: string | readonly string[]): MountOptions {
  const key = JSON.stringify(options)
  const known = parsedBefore.get(key)
  if (known) return known
  const parsed = frozen(parse(typeof options === 'string' ? split(options) : options))
  if (parsedBefore.size === mostParsed) parsedBefore.clear()
  parsedBefore.set(key, parsed)
  return parsed
}

/** Engines ask for the same few again and again; what is written for them can be told by the very object, too. */
const parsedBefore = new Map<string, MountOptions>()
const mostParsed = 256

function parse(options: readonly string[]): MountOptions {
  const own: Flags = new Map()
  const below: Flags = new Map()
  const data: string[] = []
  let bind: MountOptions['bind'], propagation: Propagation | undefined, idMap: MountOptions['idMap'], remount = false, tmpcopyup = false
  const take = (option: string): void => {
    const known = effect(option)
    if (known) apply(known.recursive ? below : own, known)
    else if (Object.hasOwn(implied, option)) implied[option]!.forEach(take)
    else if (option === 'bind' || option === 'rbind') bind = option
    else if (option === 'idmap' || option === 'ridmap') idMap = option
    else if (parsePropagation(option)) propagation = option as Propagation
    else if (option === 'remount') remount = true
    else if (option === 'tmpcopyup') tmpcopyup = true
    else if (ofLoopDevices.has(option.split('=', 1)[0]!)) throw new TypeError(`Cannot use the mount option ${JSON.stringify(option)}: a loop device has to be set up for it before, with losetup(8)`)
    else if (option !== '' && !ignored.has(option) && !comments.some((start) => option.startsWith(start))) data.push(unquoted(option))
  }
  options.forEach(take)
  const parsed = propagation && parsePropagation(propagation)
  return {
    attributes: [...entry(own, parsed?.recursive ? undefined : parsed?.kind, false), ...entry(below, parsed?.recursive ? parsed.kind : undefined, true)],
    flags: named(own, true).filter((name) => name !== 'MOUNT_ATTR__ATIME'),
    ...(bind ? { bind } : {}), ...(propagation ? { propagation } : {}), ...(idMap ? { idMap } : {}), ...(remount ? { remount } : {}), ...(tmpcopyup ? { tmpcopyup } : {}),
    data,
  }
}

/**
 * The options as a list that `parseMountOptions` reads back as the same: flags as words.
 *
 * @example
 * formatMountOptions({ attributes: [{ set: ['MOUNT_ATTR_RDONLY'], recursive: true }], flags: [], bind: 'rbind', data: [] })
 * // ['rbind', 'rro']
 */
export function formatMountOptions({ attributes, bind, propagation, idMap, remount, tmpcopyup, data }: MountOptions): string[] {
  return [
    ...(bind ? [bind] : []), ...(remount ? ['remount'] : []), ...(tmpcopyup ? ['tmpcopyup'] : []),
    ...attributes.flatMap(({ set = [], clear = [], recursive }) => [...set.map((name) => optionName(name, true)), ...clear.map((name) => optionName(name, false))]
      .filter((word, _, words) => word !== 'relatime' || !words.some((other) => other === 'noatime' || other === 'strictatime')).map((word) => (recursive ? `r${word}` : word))),
    ...(propagation ? [propagation] : []), ...(idMap ? [idMap] : []),
    ...data.map((option) => (option.includes(',') && option.includes('=') ? option.replace('=', '="') + '"' : option)),
  ]
}

function apply(flags: Flags, { set = [], clear = [] }: Effect): void {
  if (clear.includes('MOUNT_ATTR__ATIME')) for (const name of ['MOUNT_ATTR_NOATIME', 'MOUNT_ATTR_STRICTATIME'] as const) flags.delete(name)
  for (const name of clear) flags.set(name, false)
  for (const name of set) flags.set(name, true)
}

function named(flags: Flags, value: boolean): Constant<'mount_attr'>[] {
  return [...flags].filter(([, on]) => on === value).map(([name]) => name)
}

function entry(flags: Flags, propagation: OwnPropagation | undefined, recursive: boolean): MountAttributes[] {
  if (flags.size === 0 && propagation === undefined) return []
  return [{ set: named(flags, true), clear: named(flags, false), ...(propagation ? { propagation } : {}), ...(recursive ? { recursive } : {}) }]
}

/** At commas outside of quotes: mount(8) on SELinux contexts, `context="a:b:c0,c1"`. */
function split(text: string): string[] {
  return text.match(/(?:[^,"]|"[^"]*")+/g)?.map((option) => option.replace(/"/g, '')) ?? []
}

/** mount(2) takes SELinux contexts in quotes, and so engines write them; to fsconfig(2) the quotes are part of the value. */
function unquoted(option: string): string {
  return !option.includes('"') ? option : option.replace(/^((?:fs|def|root)?context=)"([^"]*)"$/, '$1$2')
}
