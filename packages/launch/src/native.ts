import { readlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import { numbers } from '@ctr/syscall'
import { loadKoffi } from '@ctr/syscall/koffi'
import type koffi from 'koffi'

type Callback = (status: number, events: unknown) => void

export interface Native {
  /** posix_spawn(3) without PATH search. Returns the errno, 0 for success; the pid is written to `pid`. */
  posix_spawn(pid: Uint8Array, path: string, actions: Uint8Array, attributes: Uint8Array, argv: Uint8Array, envp: Uint8Array): number
  posix_spawn_file_actions_init(actions: Uint8Array): number
  posix_spawn_file_actions_adddup2(actions: Uint8Array, fd: number, newfd: number): number
  posix_spawn_file_actions_destroy(actions: Uint8Array): number
  close(fd: number): number
  socketpair(domain: number, type: number, protocol: number, fds: Uint8Array): number
  pipe2(fds: Uint8Array, flags: number): number
  recvmsg(fd: number, message: Uint8Array, flags: number): number
  waitid(idtype: number, id: number, info: Uint8Array, options: number, usage: Uint8Array): number
  address(bytes: Uint8Array): bigint
  errno(): number
  /** Calls back when the descriptor is readable, from libuv's own poll: no thread, no timer. */
  poll(fd: number, callback: Callback): { close(): void; ref(): void; unref(): void }
}

let loaded: Native | undefined

/** The few functions of the C library that starting a process needs, loaded at first use. */
export function native(): Native {
  return (loaded ??= load())
}

function load(): Native {
  const k = loadKoffi()
  const libc = k.load(null)
  if (!isMainThread()) keepLoaded(libc, Object.keys(createRequire(import.meta.url).cache).filter((file) => file.endsWith('koffi.node')))
  const poll = k.node.poll as unknown as (fd: number, options: object, callback: Callback) => { close(): void; ref(): void; unref(): void }
  const syscall = libc.func('long syscall(long, long, long, void*, long, void*, long)')
  const waitid = numbers.waitid[process.arch === 'x64' ? 0 : 1]
  return {
    posix_spawn: libc.func('int posix_spawn(void*, const char*, void*, void*, void*, void*)'),
    posix_spawn_file_actions_init: libc.func('int posix_spawn_file_actions_init(void*)'),
    posix_spawn_file_actions_adddup2: libc.func('int posix_spawn_file_actions_adddup2(void*, int, int)'),
    posix_spawn_file_actions_destroy: libc.func('int posix_spawn_file_actions_destroy(void*)'),
    close: libc.func('int close(int)'),
    socketpair: libc.func('int socketpair(int, int, int, void*)'),
    pipe2: libc.func('int pipe2(void*, int)'),
    recvmsg: libc.func('long recvmsg(int, void*, int)'),
    // The C library's waitid has no place for the resource usage that the kernel's has.
    waitid: (idtype, id, info, options, usage) => Number(syscall(waitid, idtype, id, info, options, usage, 0)),
    address: (bytes) => BigInt(k.address(bytes)),
    errno: () => k.errno(),
    poll: (fd, callback) => poll(fd, { readable: true }, callback),
  }
}

/** By the kernel, since node:worker_threads comes with all of Node's streams: two milliseconds. @see proc_thread_self(5) */
function isMainThread(): boolean {
  const [pid, , tid] = readlinkSync('/proc/thread-self').split('/')
  return pid === tid
}

/**
 * Node unloads an addon with the last thread that had loaded it. libuv closes the polls of a Worker that is terminated only after that, and
 * would call back into what has been unmapped.
 */
function keepLoaded(libc: ReturnType<typeof koffi.load>, files: readonly string[]): void {
  const dlopen = libc.func('void *dlopen(const char*, int)')
  // RTLD_LAZY (dlfcn.h, both libraries)
  for (const file of files) dlopen(file, 0x1)
}

/** Attributes of posix_spawn(3): every signal at its default and none blocked, whatever Node or its caller had. */
export function spawnAttributes(): Uint8Array {
  const k = loadKoffi()
  const libc = k.load(null)
  // sizeof(posix_spawnattr_t) is 336 in glibc and musl; sizeof(sigset_t) is 128.
  const attributes = new Uint8Array(512)
  const every = new Uint8Array(128).fill(0xff)
  const none = new Uint8Array(128)
  libc.func('int posix_spawnattr_init(void*)')(attributes)
  // glibc leaves its own signals 32 and 33 ignored unless the set names them, and sigfillset would not.
  libc.func('int posix_spawnattr_setsigdefault(void*, void*)')(attributes, every)
  libc.func('int posix_spawnattr_setsigmask(void*, void*)')(attributes, none)
  // POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK (spawn.h)
  libc.func('int posix_spawnattr_setflags(void*, short)')(attributes, 0x4 | 0x8)
  return attributes
}
