import { sys, type Program } from '@ctr/syscall'

/** linux/utsname.h: __NEW_UTS_LEN */
const longest = 64

/**
 * The UTS namespace has this host name.
 *
 * @param name at most 64 bytes; the kernel takes any, and an empty one too
 * @returns a call that needs CAP_SYS_ADMIN in the owner of the UTS namespace
 * @throws RangeError the name is too long
 * @throws SyscallError EPERM: the thread has no right over its UTS namespace
 * @see sethostname(2)
 */
export function hostname(name: string): Program {
  return [sys.sethostname(checked('host', name), 'a process should find the name it was given, not the host\'s')]
}

/**
 * The UTS namespace has this NIS domain name, which is not the DNS one.
 *
 * @param name at most 64 bytes
 * @throws RangeError the name is too long
 * @throws SyscallError EPERM: the thread has no right over its UTS namespace
 * @see setdomainname(2)
 */
export function domainname(name: string): Program {
  return [sys.setdomainname(checked('domain', name), 'a new UTS namespace starts with the domain name of the host')]
}

function checked(what: string, name: string): string {
  const bytes = new TextEncoder().encode(name).length
  if (bytes > longest) throw new RangeError(`Cannot set the ${what} name to ${JSON.stringify(name)}: it has ${bytes} bytes, the kernel takes ${longest}`)
  return name
}
