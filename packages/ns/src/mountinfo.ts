import { isKind, type Kind } from './kind.ts'

/** A file that a namespace is pinned on. */
export interface Pin {
  readonly kind: Kind
  readonly inode: number
  readonly path: string
}

/**
 * The namespaces pinned on files, in the text of a /proc/PID/mountinfo: mounts of nsfs, whose root is the namespace's own name.
 *
 * @see proc_pid_mountinfo(5)
 */
export function parsePins(text: string): Pin[] {
  return text.split('\n').flatMap((line) => {
    const [before = '', after = ''] = line.split(' - ')
    if (!after.startsWith('nsfs ')) return []
    const fields = before.split(' ')
    const [, kind, inode] = /^(\w+):\[(\d+)\]$/.exec(fields[3] ?? '') ?? []
    if (kind === undefined || !isKind(kind)) return []
    return [{ kind, inode: Number(inode), path: unescaped(fields[4] ?? '') }]
  })
}

/** Space, tab, newline and backslash are written in octal. */
function unescaped(path: string): string {
  return path.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)))
}
