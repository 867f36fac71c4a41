import { capabilities, defaultCapabilities, sorted, type Capability } from './capability.ts'
import { parseCapability } from './parse-capability.ts'

export interface ResolveOptions {
  /** As `--cap-add` takes them: `'net_admin'`, `'CAP_NET_ADMIN'`, `'ALL'`. */
  readonly add?: readonly string[]
  /** As `--cap-drop` takes them. */
  readonly drop?: readonly string[]
  /** Where to start from. Default: `defaultCapabilities`. */
  readonly base?: readonly Capability[]
  /**
   * What there is to give: the bounding set of who starts the container. `ALL` stands for these, and what of `base` is not among them
   * is left out; one that is added by name is not, for it was asked for. Default: every one.
   */
  readonly all?: readonly Capability[]
}

/**
 * The capabilities that remain after dropping and adding, as Docker resolves `--cap-add` and `--cap-drop`, in the order of their bits.
 *
 * `add: ['ALL']` gives all but the dropped; else `drop: ['ALL']` leaves the added alone; else the dropped are taken away first, so
 * one that is both dropped and added is granted.
 *
 * @throws TypeError there is no such capability
 * @see `TweakCapabilities` in moby's daemon/pkg/oci/caps
 * @example
 * resolve({ drop: ['ALL'], add: ['net_bind_service'] }) // ['CAP_NET_BIND_SERVICE']
 */
export function resolve({ add = [], drop = [], base = defaultCapabilities, all = capabilities }: ResolveOptions = {}): Capability[] {
  const added = new Set(add.map(parseCapability))
  const dropped = new Set(drop.map(parseCapability))
  const names = (set: ReadonlySet<Capability | 'ALL'>) => [...set].filter((name) => name !== 'ALL')
  if (added.has('ALL')) return sorted(all.filter((name) => !dropped.has(name)))
  if (dropped.has('ALL')) return sorted(names(added))
  return sorted([...base.filter((name) => all.includes(name) && !dropped.has(name)), ...names(added)])
}
