import { closeSync, fstatSync, readSync, type Stats } from 'node:fs'
import { sys, SyscallError } from '@ctr/syscall'
import { perform } from '@ctr/syscall/perform'
import type { ContainerConfig } from '../../config.ts'

/** What is at a path inside an image. */
export type Found = { readonly missing: string } | { readonly stat: Stats; readonly head: Buffer }

const headBytes = 8192

/**
 * Looks a path up as the container would, symbolic links included, without ever leaving its root.
 *
 * @returns the file and how it begins, or the first part of the path that is not there
 * @see openat2(2), RESOLVE_IN_ROOT
 */
export function lookInRoot(root: string, path: string): Found {
  const opened = open(root, path, ['O_PATH'])
  if (opened === undefined) return { missing: firstMissing(root, path) }
  const stat = using(opened, (fd) => fstatSync(fd))
  if (!stat.isFile()) return { stat, head: Buffer.alloc(0) }
  const readable = open(root, path, ['O_NONBLOCK', 'O_NOCTTY'])
  if (readable === undefined) return { stat, head: Buffer.alloc(0) }
  return using(readable, (fd) => {
    const head = Buffer.alloc(headBytes)
    return { stat, head: head.subarray(0, readSync(fd, head, 0, headBytes, 0)) }
  })
}

function open(root: string, path: string, flags: readonly ('O_PATH' | 'O_NONBLOCK' | 'O_NOCTTY')[]): number | undefined {
  let base: number | undefined
  try {
    base = perform([sys.openat('AT_FDCWD', root, ['O_PATH', 'O_DIRECTORY', 'O_CLOEXEC'], 0, { as: 'root', why: 'everything is found from here' })]).fds['root']!
    return perform([sys.openat2({ fd: 'root' }, path, { flags: [...flags, 'O_CLOEXEC'], resolve: ['RESOLVE_IN_ROOT', 'RESOLVE_NO_MAGICLINKS'] }, { as: 'file', retry: ['EAGAIN'], why: 'links in the image must not lead out of it' })], { root: base }).fds['file']
  } catch (error) {
    if (error instanceof SyscallError) return undefined
    throw error
  } finally {
    if (base !== undefined) closeSync(base)
  }
}

function using<T>(fd: number, use: (fd: number) => T): T {
  try {
    return use(fd)
  } finally {
    closeSync(fd)
  }
}

function firstMissing(root: string, path: string): string {
  const parts = path.split('/').filter(Boolean)
  for (let i = 1; i < parts.length; i++) {
    const part = `/${parts.slice(0, i).join('/')}`
    const fd = open(root, part, ['O_PATH'])
    if (fd === undefined) return part
    closeSync(fd)
  }
  return path
}

/** Where the files below a path of the container come from; undefined where that cannot be seen from here (a tmpfs). */
export function rootBehind({ rootfs, mounts = [] }: ContainerConfig, path: string): { readonly root: string; readonly path: string } | undefined {
  const covering = mounts.filter(({ target }) => path === target || path.startsWith(`${target.replace(/\/+$/, '')}/`)).sort((a, b) => b.target.length - a.target.length)[0]
  if (!covering) return { root: rootfs === 'host' ? '/' : rootfs, path }
  if (covering.type !== 'bind' || path === covering.target) return undefined
  return { root: covering.source, path: path.slice(covering.target.replace(/\/+$/, '').length) }
}
