/** What `diagnose` has to know of a machine, and of who asks. A test writes it. */
export interface DoctorFacts {
  /** `process.versions.node` and `process.arch`. */
  readonly node: string
  readonly arch: string
  /** uname(2) */
  readonly kernel: string
  readonly uid: number
  /** The name that /etc/passwd has for the user; undefined where it has none. */
  readonly user: string | undefined
  /** CAP_SYS_ADMIN in the user namespace that we are in. */
  readonly privileged: boolean
  readonly inUserNamespace: boolean
  /** Names of /proc/self/ns, without those for children. */
  readonly namespaces: readonly string[]
  /** Files of /proc/sys by their path below it: those that are there. */
  readonly sysctls: Readonly<Record<string, string>>
  readonly cgroups: CgroupFacts
  /** How many IDs /etc/subuid and /etc/subgid give the user. */
  readonly subordinate: { readonly uids: number; readonly gids: number }
  /** Programs that are in PATH, of those that are asked about. */
  readonly programs: readonly string[]
  /** Systemd has booted this machine. @see sd_booted(3) */
  readonly systemd: boolean
  /** Types of /proc/filesystems, and those that a module would bring. */
  readonly filesystems: readonly string[]
  readonly loadable: readonly string[]
  /** The kernel confines by its profiles. */
  readonly appArmor: boolean
  /** The kernel has a policy. */
  readonly seLinux: boolean
  /** Where resctrl is mounted. */
  readonly resctrl: string | undefined
  /** What is mounted over parts of /proc. */
  readonly overProc: readonly string[]
  /** Where containers are written down, and whether we may write there; of `ctrun` and of `ctrun-oci`. */
  readonly stores: Readonly<Record<'ctrun' | 'ctrun-oci', { readonly path: string; readonly writable: boolean }>>
}

export interface CgroupFacts {
  readonly mode: 'v1' | 'v2' | 'hybrid' | 'none'
  /** Controllers by the version that has them. */
  readonly v1: readonly string[]
  readonly v2: readonly string[]
  /** For who is not root: the group that was lent, below which groups can be made, with the controllers that they can have. */
  readonly lent?: { readonly path: string; readonly controllers: readonly string[] }
}

/** Files of /proc/sys that decide what can be done. Not every kernel has them all. */
export const sysctlNames = ['user/max_user_namespaces', 'kernel/unprivileged_userns_clone', 'kernel/apparmor_restrict_unprivileged_userns', 'vm/memfd_noexec', 'kernel/keys/maxkeys', 'kernel/seccomp/actions_avail'] as const

/** Programs that some containers need. */
export const programNames = ['newuidmap', 'newgidmap', 'criu'] as const
