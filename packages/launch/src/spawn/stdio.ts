import { Socket } from 'node:net'
import type { Stdio } from '../stdio-list.ts'
import type { SpawnOptions, SpawnStdio, WithDescriptor } from './options.ts'

/**
 * What child_process takes as `stdio`, as launch takes it.
 *
 * @throws {TypeError} something is neither a place nor a descriptor, nor a stream that has one
 */
export function spawnStdio(stdio: SpawnOptions['stdio']): readonly [Stdio, Stdio, Stdio, ...Stdio[]] {
  const list = typeof stdio === 'string' || stdio === undefined ? [stdio, stdio, stdio] : stdio
  const [stdin, stdout, stderr, ...more] = Array.from({ length: Math.max(3, list.length) }, (_, number) => place(list[number], number))
  return [stdin!, stdout!, stderr!, ...more]
}

function place(kind: SpawnStdio, number: number): Stdio {
  if (kind === undefined || kind === null) return number < 3 ? 'pipe' : 'ignore'
  if (kind === 'overlapped') return 'pipe'
  if (kind === 'pipe' || kind === 'ignore' || kind === 'inherit') return kind
  const fd = typeof kind === 'object' ? descriptorOf(kind) : kind
  if (typeof fd === 'number' && Number.isInteger(fd) && fd >= 0) return fd
  const said = typeof kind === 'object' ? 'a stream without a descriptor' : JSON.stringify(kind)
  throw new TypeError(`Cannot connect descriptor ${number} to ${said}: it is not 'pipe', 'inherit', 'ignore', a descriptor or a stream that has one`)
}

/** What a process reads is not to be read here too: a socket that was given stops, as child_process has it. */
export function leaveToProcess(stdio: SpawnOptions['stdio']): void {
  for (const kind of typeof stdio === 'object' ? stdio : []) {
    if (!(kind instanceof Socket)) continue
    const handle = (kind as WithDescriptor)._handle as { reading?: boolean; readStop?: () => void } | null
    kind.pause()
    handle?.readStop?.()
    if (handle) handle.reading = false
  }
}

/** A file or a terminal has `fd`; of a socket only its handle knows it. */
function descriptorOf({ fd, _handle: handle }: WithDescriptor): unknown {
  return typeof fd === 'number' ? fd : (handle as WithDescriptor | null | undefined)?.fd
}
