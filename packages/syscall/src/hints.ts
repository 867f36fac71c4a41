import type { Syscall } from './types.ts'

/** What most often lies behind an errno, in the user's terms, and where that is written down. */
export interface Hint {
  readonly text: string
  readonly source: string
}

/** Keyed by call and errno; a call with several meanings has one row for each with the argument that tells them apart. */
const table: Readonly<Record<string, Hint>> = {
  'pivot_root EBUSY': { text: 'bind-mount the new root onto itself first: a plain directory is part of the current root mount', source: 'pivot_root(2), EBUSY' },
  'pivot_root EINVAL': { text: 'the new root must be a mount point of its own, and neither it nor its parent may have shared propagation', source: 'pivot_root(2), EINVAL' },
  'clone3 EPERM': { text: 'new namespaces need CAP_SYS_ADMIN: run as root, or add a user namespace', source: 'clone(2), EPERM' },
  'clone3 ENOSPC': { text: 'a limit on namespaces is reached: see /proc/sys/user/max_*_namespaces', source: 'namespaces(7), /proc/sys/user' },
  'clone3 EAGAIN': { text: 'no more processes are allowed: pids.max of the cgroup, or RLIMIT_NPROC', source: 'clone(2), EAGAIN' },
  'clone3 EBUSY': { text: 'the cgroup has controllers enabled for its children, so it cannot hold processes itself', source: 'cgroup-v2.rst, No Internal Process Constraint' },
  'clone3 EOPNOTSUPP': { text: 'the cgroup is in the state "domain invalid"', source: 'clone(2), EOPNOTSUPP' },
  'clone3 ENOSYS': { text: 'clone3 needs Linux 5.3, and a seccomp filter around us may forbid it', source: 'clone(2), VERSIONS' },
  'unshare EPERM': { text: 'new namespaces need CAP_SYS_ADMIN: run as root, or add a user namespace', source: 'unshare(2), EPERM' },
  'unshare EINVAL': { text: 'CLONE_NEWUSER is refused to a process with several threads, and Node always has some', source: 'unshare(2), EINVAL' },
  'unshare ENOSPC': { text: 'a limit on namespaces is reached: see /proc/sys/user/max_*_namespaces', source: 'namespaces(7), /proc/sys/user' },
  'setns EINVAL': { text: 'the descriptor is of another kind of namespace, or the process is in that user namespace already, has several threads, or shares its working directory with another', source: 'setns(2), EINVAL' },
  'setns EPERM': { text: 'joining needs CAP_SYS_ADMIN in the namespace and in its own user namespace', source: 'setns(2), EPERM' },
  'setns ESRCH': { text: 'the process whose namespaces were to be joined has ended', source: 'setns(2), ESRCH' },
  'sethostname EPERM': { text: 'only a process that owns the UTS namespace may name it: add a UTS namespace', source: 'sethostname(2), EPERM' },
  'setdomainname EPERM': { text: 'only a process that owns the UTS namespace may name it: add a UTS namespace', source: 'setdomainname(2), EPERM' },
  'ioctl EPERM': { text: 'a network device is set up by whoever owns the network namespace, with CAP_NET_ADMIN there', source: 'netdevice(7), SIOCSIFFLAGS' },
  'ioctl ENOTTY': { text: 'the descriptor is of another kind than this request is for', source: 'ioctl(2), ENOTTY' },
  'write EPERM': { text: 'an ID map is written once, with IDs that the writer may map, and without CAP_SETGID outside only after setgroups was denied', source: 'user_namespaces(7), Defining user and group ID mappings' },
  'write EINVAL': { text: 'the kernel file does not take this text: an ID map may not overlap, a limit must be a number it knows, and a label one of its policy', source: 'user_namespaces(7), cgroup-v2.rst, selinux_setprocattr in security/selinux/hooks.c' },
  'fsmount EPERM': { text: 'mounting needs CAP_SYS_ADMIN in the mount namespace', source: 'fsmount in mount_api.rst' },
  'fsconfig EPERM': { text: 'this file system may not be created here: proc needs an own PID namespace, and a /proc without mounts over parts of it', source: 'mount_too_revealing in fs/namespace.c' },
  'fsconfig EINVAL': { text: 'the file system did not understand one of its options: see the kernel log', source: 'Documentation/filesystems/mount_api.rst' },
  'fsopen ENODEV': { text: 'this kernel does not know the file system: see /proc/filesystems', source: 'Documentation/filesystems/mount_api.rst' },
  'move_mount ENOENT': { text: 'the mount point does not exist', source: 'mount(2), ENOENT' },
  'move_mount EINVAL': { text: 'a directory can only be mounted on a directory and a file on a file, and only mounts of our own mount namespace can be moved or mounted on', source: 'do_move_mount in fs/namespace.c' },
  'mount EINVAL': { text: 'the file system did not accept an option, or the source is none of its kind: see the kernel log', source: 'mount(2), EINVAL' },
  'mount ENOENT': { text: 'the mount point, or a directory named in the options, does not exist', source: 'mount(2), ENOENT' },
  'move_mount ELOOP': { text: 'a mount namespace can be pinned only in one that was made before it', source: 'check_for_nsfs_mounts in fs/namespace.c' },
  'open_tree ENOENT': { text: 'the source of the bind mount does not exist', source: 'mount(2), ENOENT' },
  'mount_setattr EINVAL': { text: 'the descriptor is not the root of a mount, the attributes contradict each other, or the file system has no ID mappings', source: 'mount_setattr(2), EINVAL' },
  'mount_setattr EPERM': { text: 'a mount that came from a more privileged mount namespace keeps its read-only, nosuid, nodev and noexec flags', source: 'mount_namespaces(7), Restrictions' },
  'umount2 EINVAL': { text: 'nothing is mounted there, or it came from a more privileged mount namespace and stays', source: 'umount(2), EINVAL' },
  'umount2 EBUSY': { text: 'something still uses the mount: MNT_DETACH takes it away lazily', source: 'umount(2), EBUSY' },
  'openat2 ELOOP': { text: 'the path has a symbolic link in it, and none is accepted there', source: 'openat2(2), ELOOP' },
  'openat2 ENOTDIR': { text: 'a part of the path is not a directory', source: 'openat2(2)' },
  'openat2 EXDEV': { text: 'the path leaves the root it was to stay in', source: 'openat2(2), EXDEV' },
  'openat2 ENOENT': { text: 'a part of the path does not exist', source: 'open(2), ENOENT' },
  'openat ENOENT': { text: 'a part of the path does not exist', source: 'open(2), ENOENT' },
  'mknodat EEXIST': { text: 'the image has a file of this name already', source: 'mknod(2), EEXIST' },
  'mknodat EPERM': { text: 'device nodes need CAP_MKNOD in the initial user namespace: bind the host\'s device instead', source: 'mknod(2), EPERM' },
  'mkdirat EROFS': { text: 'the directory has to be made on a read-only file system: make it in the root file system beforehand', source: 'mkdir(2), EROFS' },
  'fchown EINVAL': { text: 'the id is not mapped in this user namespace: extend uid_map or gid_map', source: 'user_namespaces(7)' },
  'fchownat EINVAL': { text: 'the id is not mapped in this user namespace: extend uid_map or gid_map', source: 'user_namespaces(7)' },
  'setgroups EPERM': { text: 'groups cannot be set: CAP_SETGID is missing, or setgroups is denied in this user namespace', source: 'user_namespaces(7), setgroups' },
  'setresuid EINVAL': { text: 'the user id is not mapped in this user namespace', source: 'setresuid(2), EINVAL' },
  'setresgid EINVAL': { text: 'the group id is not mapped in this user namespace', source: 'setresgid(2), EINVAL' },
  'seccomp EACCES': { text: 'a filter needs no_new_privs, or CAP_SYS_ADMIN in this user namespace', source: 'seccomp(2), EACCES' },
  'seccomp EBUSY': { text: 'a filter with a listener is there already: there can be one', source: 'seccomp(2), EBUSY' },
  'capset EPERM': { text: 'no capability can be added to the permitted set', source: 'capabilities(7)' },
  'prlimit64 EPERM': { text: 'raising a hard limit needs CAP_SYS_RESOURCE, and RLIMIT_NOFILE cannot exceed fs.nr_open', source: 'getrlimit(2), EPERM' },
  'write EBUSY': { text: 'the cgroup has controllers enabled for its children, so it cannot hold processes itself', source: 'cgroup-v2.rst, No Internal Process Constraint' },
  'write ENOSPC': { text: 'cpuset.cpus and cpuset.mems of the cgroup are empty', source: 'cgroup-v1/cpusets.rst' },
  'execve ENOENT': { text: 'the file, its #! interpreter or its ELF loader does not exist', source: 'execve(2), ENOENT' },
  'execve EACCES': { text: 'the file is not executable, is a directory, or is on a file system mounted noexec', source: 'execve(2), EACCES' },
  'execve ENOEXEC': { text: 'the file is for another architecture, or a script without a #! line', source: 'execve(2), ENOEXEC' },
  'execve E2BIG': { text: 'one argument may have 128 KiB, and all of them with the environment a quarter of the stack limit', source: 'execve(2), Limits on size of arguments and environment' },
  'execve ENOTDIR': { text: 'a part of the path is not a directory', source: 'execve(2), ENOTDIR' },
  'execve ELOOP': { text: 'too many symbolic links, or #! interpreters one after the other', source: 'execve(2), ELOOP' },
  'execve ETXTBSY': { text: 'the file is open for writing', source: 'execve(2), ETXTBSY' },
  'fchdir EACCES': { text: 'the user may not search this directory', source: 'chdir(2), EACCES' },
}

/** The hint for a call that failed with an errno, where there is one. */
export function hint(call: Pick<Syscall, 'name'>, code: string): Hint | undefined {
  return table[`${call.name} ${code}`]
}

/** Every row, for documentation and tests. */
export const hints: ReadonlyMap<string, Hint> = new Map(Object.entries(table))
