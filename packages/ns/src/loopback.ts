import { sys, type Program } from '@ctr/syscall'

/**
 * The loopback device `lo` of the network namespace is up, with 127.0.0.1 and, where the kernel has IPv6, ::1.
 *
 * The kernel assigns the addresses itself when the device comes up; no routing socket is needed.
 *
 * @returns calls that need CAP_NET_ADMIN in the owner of the network namespace
 * @throws SyscallError EPERM: the thread has no right over its network namespace
 * @see netdevice(7), SIOCSIFFLAGS
 */
export function loopbackUp(): Program {
  return [
    sys.socket('AF_INET', ['SOCK_DGRAM', 'SOCK_CLOEXEC'], 'IPPROTO_IP', { as: 'loopback', why: 'network devices are reached through any socket of the namespace' }),
    sys.ioctl({ fd: 'loopback' }, 'SIOCSIFFLAGS', { ifr_name: 'lo', ifr_flags: ['IFF_UP'] }, 'lo is down in a new network namespace'),
    sys.close({ fd: 'loopback' }, 'nothing else is to be done with the network'),
  ]
}
