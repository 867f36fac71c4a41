import { sys, type Program } from '@ctr/syscall'
import { pin, unpin } from './pin.ts'

/** Where `ip netns` keeps network namespaces: ip-netns(8). */
export const netnsFolder = '/run/netns'

/**
 * The file of a network namespace that `ip netns` knows by this name.
 *
 * @throws TypeError the name is empty, `.` or `..`, has a slash or NUL, or more than 255 bytes
 */
export function netnsPath(name: string): string {
  if (name === '' || name === '.' || name === '..' || /[/\0]/.test(name) || new TextEncoder().encode(name).length > 255) throw new TypeError(`Cannot name a network namespace ${JSON.stringify(name)}: it is the name of a file`)
  return `${netnsFolder}/${name}`
}

/** Whether `ip netns` or `pinNetns` was used before, as a /proc/self/mountinfo tells: /run/netns is a mount then. */
export function netnsFolderMounted(mountinfo: string): boolean {
  return mountinfo.split('\n').some((line) => line.split(' ')[4] === netnsFolder)
}

/**
 * A network namespace is there under a name, for `ip netns` too, and stays without processes.
 *
 * The first pin makes /run/netns a shared mount of itself, as ip does: names then come and go in every mount namespace that was made
 * from this one. Were ip to do it later, the names from before would be mounted twice, and could not be removed.
 *
 * @param source a /proc/PID/ns/net link, as of `pin`
 * @param folderMounted what `netnsFolderMounted` says
 * @returns calls that need CAP_SYS_ADMIN, and the right to write /run
 * @throws SyscallError EEXIST: the name is taken
 * @see ip-netns(8)
 */
export function pinNetns(source: string, name: string, { folderMounted }: { readonly folderMounted: boolean }): Program {
  const path = netnsPath(name)
  const folder: Program = [
    sys.mkdirat('AT_FDCWD', netnsFolder, 0o755, { why: 'nobody has given a network namespace a name yet', allow: ['EEXIST'] }),
    sys.mount(netnsFolder, netnsFolder, null, ['MS_BIND', 'MS_REC'], null, 'only a mount can be shared'),
    sys.mount(null, netnsFolder, null, ['MS_REC', 'MS_SHARED'], null, 'a name must come and go in other mount namespaces too'),
  ]
  return [...(folderMounted ? [] : folder), ...pin(source, path)]
}

/**
 * No network namespace has this name any more, as after `ip netns delete`.
 *
 * @throws SyscallError EINVAL: nothing is mounted there; ENOENT: there is none of that name
 */
export function unpinNetns(name: string): Program {
  return unpin(netnsPath(name))
}
