import type { Socket } from 'node:net'
import { open as openFile, pipe, streamPair, type Owned } from './descriptor.ts'
import type { Stdio } from './stdio-list.ts'

export interface Streams {
  readonly stdin: Socket | null
  readonly stdout: Socket | null
  readonly stderr: Socket | null
  /** All of them by number: those three, then what was asked for beyond. */
  readonly stdio: readonly (Socket | null)[]
}

export interface OpenedStdio {
  /** The descriptors that the process gets; undefined where it gets none of this number. */
  readonly fds: readonly (number | undefined)[]
  /** Our ends of the pipes. */
  readonly ours: readonly (number | null)[]
}

/**
 * Opens what the process will have as 0, 1, 2 and beyond. It gets pipes of its own, never a description that Node also uses: Node makes
 * what it uses non-blocking, and that would be seen on the other side. Beyond 2 a pipe goes both ways, and is a socket.
 */
export function openStdio(stdio: readonly Stdio[], ours: Owned, theirs: Owned): OpenedStdio {
  // What is written nowhere needs one place.
  let nowhere: number | undefined
  const open = (kind: Stdio, index: number): [number | undefined, number | null] => {
    if (kind === 'inherit') return [index, null]
    if (kind === 'ignore') {
      if (index === 0) return [theirs.add(openFile('/dev/null', 'O_RDONLY')), null]
      return [index > 2 ? undefined : (nowhere ??= theirs.add(openFile('/dev/null', 'O_WRONLY'))), null]
    }
    if (kind === 'pipe') {
      const [first, second] = index > 2 ? streamPair() : pipe()
      return index === 0 ? [theirs.add(first), ours.add(second)] : [theirs.add(second), ours.add(first)]
    }
    if (!Number.isInteger(kind) || kind < 0) throw new TypeError(`Cannot connect descriptor ${index} to ${JSON.stringify(kind)}: it is not 'pipe', 'inherit', 'ignore' or a descriptor`)
    return [kind, null]
  }
  const opened = stdio.map(open)
  return { fds: opened.map(([theirs]) => theirs), ours: opened.map(([, ours]) => ours) }
}

/** A Socket, or a kind of one. */
type SocketClass = new (options: { readonly fd: number; readonly readable: boolean; readonly writable: boolean }) => Socket

/** Our ends as streams, which close them. */
export function streams({ ours }: OpenedStdio, owned: Owned, Stream?: SocketClass): Streams {
  // Loaded for the first pipe: whoever passes on what it has does not wait for Node's network.
  const stdio = ours.map((fd, index) => (fd === null ? null : new (Stream ?? process.getBuiltinModule('node:net').Socket)({ fd: owned.release(fd), readable: index !== 0, writable: index === 0 || index > 2 })))
  const [stdin = null, stdout = null, stderr = null] = stdio
  return { stdin, stdout, stderr, stdio }
}
