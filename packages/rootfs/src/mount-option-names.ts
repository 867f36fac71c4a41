import type { Constant } from '@ctr/syscall'

type Attribute = Constant<'mount_attr'>
/** What one option does to the flags of a mount. Access times are one value of three, so these set or reset all of it. */
export interface Effect {
  readonly set?: readonly Attribute[]
  readonly clear?: readonly Attribute[]
}

const pair = (on: string, off: string, flag: Attribute): readonly (readonly [string, Effect])[] => [[on, { set: [flag] }], [off, { clear: [flag] }]]
const atime: readonly Attribute[] = ['MOUNT_ATTR__ATIME']

/** mount(8), FILESYSTEM-INDEPENDENT MOUNT OPTIONS; the names with an r before them are those of OCI runtime-spec config.md, Linux mount options. */
const perMount = new Map<string, Effect>([
  ...pair('ro', 'rw', 'MOUNT_ATTR_RDONLY'), ...pair('nosuid', 'suid', 'MOUNT_ATTR_NOSUID'), ...pair('nodev', 'dev', 'MOUNT_ATTR_NODEV'),
  ...pair('noexec', 'exec', 'MOUNT_ATTR_NOEXEC'), ...pair('nodiratime', 'diratime', 'MOUNT_ATTR_NODIRATIME'), ...pair('nosymfollow', 'symfollow', 'MOUNT_ATTR_NOSYMFOLLOW'),
  ['noatime', { set: ['MOUNT_ATTR_NOATIME'], clear: atime }], ['strictatime', { set: ['MOUNT_ATTR_STRICTATIME'], clear: atime }],
  // Relative access times are what the kernel does when no other is asked for (MOUNT_ATTR_RELATIME is 0).
  ...['relatime', 'norelatime', 'atime', 'nostrictatime'].map((name) => [name, { clear: atime }] as const),
])

/** The effect of an option on one mount, or with `r` in front on all below as well. */
export function effect(name: string): (Effect & { readonly recursive: boolean }) | undefined {
  const own = perMount.get(name)
  if (own) return { ...own, recursive: false }
  const recursive = name.startsWith('r') ? perMount.get(name.slice(1)) : undefined
  return recursive && { ...recursive, recursive: true }
}

/** The option that sets or clears one attribute. Access times are one value: all of it cleared is `relatime`. */
export function optionName(attribute: Attribute, on: boolean): string {
  const found = [...perMount].find(([, { set = [], clear = [] }]) => (on ? set : set.length === 0 ? clear : []).includes(attribute))
  if (!found) throw new TypeError(`There is no mount option that ${on ? 'sets' : 'clears'} ${attribute}`)
  return found[0]
}

/** What several options mean together: mount(8) on `user`, `users`, `owner` and `group`. */
export const implied: Readonly<Record<string, readonly string[]>> = {
  user: ['noexec', 'nosuid', 'nodev'], users: ['noexec', 'nosuid', 'nodev'], owner: ['nosuid', 'nodev'], group: ['nosuid', 'nodev'], defaults: ['rw', 'suid', 'dev', 'exec'],
}

/**
 * For mount(8) and the boot scripts only, or the kernel's default anyway. `iversion`: fsconfig(2) has no word for it, and file systems that count versions of
 * inodes do so by themselves.
 */
export const ignored: ReadonlySet<string> = new Set(['auto', 'noauto', 'nouser', 'nofail', '_netdev', 'async', 'loud', 'silent', 'nomand', 'nolazytime', 'iversion', 'noiversion'])

/** What starts with one of these is for other programs than mount(8). */
export const comments: readonly string[] = ['x-', 'X-', 'comment=']

/** mount(8), LOOP-DEVICE SUPPORT */
export const ofLoopDevices: ReadonlySet<string> = new Set(['loop', 'offset', 'sizelimit'])
