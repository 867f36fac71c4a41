import { isKind, type Kind } from './kind.ts'

/** Which namespace it is. The inode alone is unique among all namespaces of a running kernel; after a reboot it is another's. */
export interface Handle {
  readonly kind: Kind
  readonly inode: number
  readonly dev: number
}

/** Whether two handles are of the same namespace. */
export function sameNamespace(a: Handle, b: Handle): boolean {
  return a.kind === b.kind && a.inode === b.inode && a.dev === b.dev
}

/** The kind and inode in the target of a /proc/PID/ns link, `net:[4026531840]`; undefined where it is another text. */
export function parseLink(target: string): { readonly kind: Kind; readonly inode: number } | undefined {
  const [, name, inode] = /^([a-z]+):\[(\d{1,15})\]$/.exec(target) ?? []
  return name !== undefined && isKind(name) ? { kind: name, inode: Number(inode) } : undefined
}
