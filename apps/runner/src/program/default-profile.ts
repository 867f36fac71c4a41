import type { Capability } from '@ctr/caps'
import { syscallNumbers, type Profile, type Rule } from '@ctr/seccomp'

interface Refusal {
  readonly names: readonly string[]
  /** With one of these, the calls are let through: what they do was granted. */
  readonly unless?: readonly Capability[]
  readonly why: string
}

/**
 * What is refused to a container by default; all else that Linux has is let through. In most rows the kernel asks for the capability
 * itself. But it takes one that was gained in a user namespace, which needs no privilege to make, and then checks little else: that is how
 * most ways out of containers of the last years began.
 *
 * @see https://docs.docker.com/engine/security/seccomp/ which calls Docker refuses, and why
 */
export const refusals: readonly Refusal[] = [
  { names: ['unshare', 'setns'], unless: ['CAP_SYS_ADMIN'], why: 'a user namespace gives whoever makes it every capability there' },
  { names: ['mount', 'umount', 'umount2', 'move_mount', 'open_tree', 'fsopen', 'fsconfig', 'fsmount', 'fspick', 'mount_setattr', 'pivot_root'], unless: ['CAP_SYS_ADMIN'], why: 'mounts are how the container is made' },
  { names: ['syslog'], unless: ['CAP_SYSLOG', 'CAP_SYS_ADMIN'], why: 'the messages of the kernel are the host\'s, with its addresses' },
  { names: ['bpf'], unless: ['CAP_BPF', 'CAP_SYS_ADMIN'], why: 'programs for the kernel, checked by a verifier that has been wrong before' },
  { names: ['perf_event_open'], unless: ['CAP_PERFMON', 'CAP_SYS_ADMIN'], why: 'counters tell of others on the machine' },
  { names: ['fanotify_init', 'lookup_dcookie', 'quotactl', 'quotactl_fd', 'setdomainname', 'sethostname', 'swapon', 'swapoff'], unless: ['CAP_SYS_ADMIN'], why: 'the machine is the host\'s to administer' },
  { names: ['open_by_handle_at'], unless: ['CAP_DAC_READ_SEARCH'], why: 'a handle leads to any file of the file system, below the root or not' },
  { names: ['init_module', 'finit_module', 'delete_module', 'create_module', 'query_module', 'get_kernel_syms'], unless: ['CAP_SYS_MODULE'], why: 'a module is the kernel' },
  { names: ['kexec_load', 'kexec_file_load', 'reboot'], unless: ['CAP_SYS_BOOT'], why: 'the machine is everybody\'s' },
  { names: ['settimeofday', 'clock_settime', 'clock_settime64', 'stime'], unless: ['CAP_SYS_TIME'], why: 'there is one clock of that kind' },
  { names: ['iopl', 'ioperm'], unless: ['CAP_SYS_RAWIO'], why: 'ports lead past the kernel to devices' },
  { names: ['acct'], unless: ['CAP_SYS_PACCT'], why: 'accounting is of the whole machine' },
  { names: ['vhangup'], unless: ['CAP_SYS_TTY_CONFIG'], why: 'the terminal may be the host\'s' },
  { names: ['get_mempolicy', 'set_mempolicy', 'set_mempolicy_home_node', 'mbind', 'migrate_pages', 'move_pages'], unless: ['CAP_SYS_NICE'], why: 'where memory is taken from is for its owner to say' },
  { names: ['add_key', 'keyctl', 'request_key'], why: 'keyrings know no namespaces but that of users' },
  { names: ['userfaultfd'], why: 'it stops the kernel amid a copy, for as long as an attacker needs' },
  { names: ['io_uring_setup', 'io_uring_enter', 'io_uring_register'], why: 'much of the kernel by another door, which this filter does not see' },
  { names: ['_sysctl', 'nfsservctl', 'sysfs', 'uselib', 'ustat', 'vm86', 'vm86old'], why: 'calls of long ago, which nobody looks after' },
]

/** CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID and NEWNET (linux/sched.h); CLONE_NEWTIME is none of clone's. */
const namespaceFlags = 0x7e020000

/** Linux's own, 32 bits, version 2.6 for who asks, both, and the question which it is (linux/personality.h). */
const personalities = [0, 0x8, 0x20000, 0x20008, 0xffffffff]

/** The kernel's ciphers, which hardly a program asks for by socket, and which were a way to root (CVE-2026-31431); linux/socket.h. */
const AF_ALG = 38
const AF_VSOCK = 40
const ENOSYS = 38

/** All but those two. */
const socketFamilies = [{ op: 'SCMP_CMP_LT', value: AF_ALG }, { op: 'SCMP_CMP_EQ', value: AF_ALG + 1 }, { op: 'SCMP_CMP_GT', value: AF_VSOCK }] as const

/**
 * The profile of a container that was given none of its own: everything but what `refusals` lists, EPERM for that, and ENOSYS for calls
 * that are younger than the list.
 *
 * @param capabilities those that the container has
 */
export function defaultProfile(capabilities: readonly Capability[]): Profile {
  const refused = new Set(refusals.flatMap(({ names, unless = [] }) => (unless.some((name) => capabilities.includes(name)) ? [] : names)))
  const admin = capabilities.includes('CAP_SYS_ADMIN')
  const conditional: readonly Rule[] = [
    ...(admin ? [] : [
      { names: ['clone'], action: 'SCMP_ACT_ALLOW', args: [{ index: 0, op: 'SCMP_CMP_MASKED_EQ', value: namespaceFlags, valueTwo: 0 }] } as const,
      // Its flags are in memory, where no filter looks. The C library tries it first, and at ENOSYS makes do with clone.
      { names: ['clone3'], action: 'SCMP_ACT_ERRNO', errnoRet: ENOSYS } as const,
    ]),
    ...personalities.map((value): Rule => ({ names: ['personality'], action: 'SCMP_ACT_ALLOW', args: [{ index: 0, op: 'SCMP_CMP_EQ', value }] })),
    // What is at the other end of such a socket is the host of a virtual machine, whatever the network of the container.
    ...socketFamilies.map((arg): Rule => ({ names: ['socket'], action: 'SCMP_ACT_ALLOW', args: [{ index: 0, ...arg }] })),
  ]
  const decided = new Set(conditional.flatMap(({ names }) => names))
  return {
    defaultAction: 'SCMP_ACT_ERRNO',
    // Programs of 32 bits are programs, too.
    architectures: ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86', 'SCMP_ARCH_AARCH64', 'SCMP_ARCH_ARM'],
    syscalls: [{ names: Object.keys(syscallNumbers).filter((name) => !refused.has(name) && !decided.has(name)), action: 'SCMP_ACT_ALLOW' }, ...conditional],
  }
}
