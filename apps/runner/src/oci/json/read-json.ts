import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'
import { parseJson, type Json } from './parse.ts'
import { plainJson } from './plain.ts'

/** A configuration of the largest engine has some tens of kilobytes. */
const mostBytes = 4 * 2 ** 20

/**
 * The JSON in a regular file, read once: a writer that changes it meanwhile changes nothing of what was understood.
 *
 * @param path `-` for standard input
 * @throws Error ENOENT and the like, with the path
 * @throws RangeError it is not a regular file, or has more than 4 MiB
 * @throws JsonError it is not JSON in UTF-8
 */
export function readJson(path: string): Json {
  return decodeJson(readBytes(path), path === '-' ? 'standard input' : path)
}

/** @throws JsonError it is not JSON in UTF-8, without a byte order mark */
export function decodeJson(bytes: Uint8Array, file: string): Json {
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (cause) {
    throw Object.assign(new SyntaxError(`${file}: not UTF-8`, { cause }), { code: 'EJSON' })
  }
  return plainJson(text) ?? parseJson(text, file)
}

/** The bytes of a regular file, or of standard input for `-`. */
export function readBytes(path: string): Uint8Array {
  if (path === '-') return readAll(0)
  // Opening a FIFO would wait for somebody who writes to it.
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    const stat = fstatSync(fd)
    if (!stat.isFile()) throw new RangeError(`${path}: not a regular file`)
    if (stat.size > mostBytes) throw new RangeError(`${path}: ${stat.size} bytes are more than the ${mostBytes} that are read`)
    return readAll(fd, path)
  } finally {
    closeSync(fd)
  }
}

function readAll(fd: number, path = 'standard input'): Uint8Array {
  const chunks: Buffer[] = []
  for (let total = 0; ; ) {
    const chunk = Buffer.allocUnsafe(65536)
    const length = readSync(fd, chunk, 0, chunk.length, null)
    if (length === 0) return Buffer.concat(chunks)
    total += length
    if (total > mostBytes) throw new RangeError(`${path}: more than the ${mostBytes} bytes that are read`)
    chunks.push(chunk.subarray(0, length))
  }
}
