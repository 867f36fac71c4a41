import { readFileSync } from 'node:fs'
import type { SyscallError } from '@ctr/syscall'
import type { ContainerConfig } from '../../config.ts'
import { isPrivileged } from '../../privileged.ts'
import { firstMissing } from './first-missing.ts'
import { probeExecve } from './probe-execve.ts'
import type { Cause } from './report.ts'

/** What a probe has found out: nothing, where the cause is another. */
export interface Finding {
  readonly cause?: Cause
  readonly fix?: readonly string[]
}

type Probe = (error: SyscallError, config: ContainerConfig) => Finding

/** Read-only looks at the system, by call and errno. Each says something only where it has seen it. */
const probes: Readonly<Record<string, Probe>> = {
  execve: ({ code }, config) => probeExecve(code, config),
  'open_tree ENOENT': missingSource, 'openat ENOENT': missingSource, 'open_tree ENOTDIR': missingSource,
  'clone3 EPERM': privileges, 'unshare EPERM': privileges, 'setns EPERM': privileges, 'fsopen EPERM': privileges, 'mount_setattr EPERM': privileges,
  'clone3 EAGAIN': processLimit, 'clone3 ENOSPC': namespaceLimit,
  'prlimit64 EPERM': openFiles,
}

/** The probed cause of an error, and otherwise the hint of the table, marked as possible. */
export function findCause(error: SyscallError, config: ContainerConfig): Finding {
  const found = (probes[`${error.syscall} ${error.code}`] ?? probes[error.syscall])?.(error, config) ?? {}
  if (found.cause) return found
  if (error.code.startsWith('SIG')) return { cause: { text: config.limits?.memoryBytes === undefined ? `${error.code} ended it before its command ran` : 'the memory limit may be too small even to set the container up', checked: false } }
  return error.hint === undefined ? found : { ...found, cause: { text: error.hint, checked: false } }
}

function missingSource({ path }: SyscallError): Finding {
  const missing = path?.startsWith('/') ? firstMissing(path) : undefined
  if (missing === undefined) return {}
  return { cause: { text: missing === path ? `${path} does not exist on the host` : `${path}: ${missing} is the first part that does not exist`, checked: true, probe: 'lstat' }, fix: [`mkdir -p ${path}`] }
}

function privileges(): Finding {
  if (isPrivileged()) return {}
  return { cause: { text: `you are uid ${process.geteuid?.()} without CAP_SYS_ADMIN`, checked: true, probe: '/proc/self/status' }, fix: ['run it as root'] }
}

function processLimit(_: SyscallError, config: ContainerConfig): Finding {
  const max = config.limits?.pidsMax
  return typeof max === 'number' && max < 3 ? { cause: { text: `pids.max is ${max}, and setting a container up needs a process or two`, checked: true, probe: 'configuration' }, fix: ['raise --pids-limit'] } : {}
}

function namespaceLimit(): Finding {
  for (const kind of ['pid', 'mnt', 'net', 'uts', 'ipc', 'cgroup']) {
    if (readFileSync(`/proc/sys/user/max_${kind}_namespaces`, 'latin1').trim() === '0') return { cause: { text: `user.max_${kind}_namespaces is 0`, checked: true, probe: `/proc/sys/user/max_${kind}_namespaces` }, fix: [`sysctl -w user.max_${kind}_namespaces=1000`] }
  }
  return {}
}

function openFiles({ call }: SyscallError): Finding {
  const limits = call.args[2]
  const most = Number(readFileSync('/proc/sys/fs/nr_open', 'latin1'))
  const wanted = typeof limits === 'object' && limits !== null && 'rlim_max' in limits ? limits['rlim_max'] : undefined
  if (call.args[1] !== 'RLIMIT_NOFILE' || (typeof wanted === 'number' && wanted <= most)) return {}
  return { cause: { text: `nofile can be ${most} at most, which is fs.nr_open`, checked: true, probe: '/proc/sys/fs/nr_open' }, fix: [`--ulimit nofile=${most}`] }
}
