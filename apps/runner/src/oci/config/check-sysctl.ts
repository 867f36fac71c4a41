import type { OciNamespace } from './linux-shape.ts'
import { ConfigError } from './shape.ts'

/** ipc/ipc_sysctl.c and ipc/mq_sysctl.c: what belongs to an IPC namespace. */
const ipc = /^(kernel\.(msgmax|msgmnb|msgmni|sem|shmall|shmmax|shmmni|shm_rmid_forced|auto_msgmni|shm_next_id|msg_next_id|sem_next_id)|fs\.mqueue\.\w+)$/

/** With dots: in front of a slash, those of a name are slashes (sysctl(8)). */
export function sysctlPath(key: string): string {
  const separator = /[./]/.exec(key)?.[0]
  return separator === '/' ? key : key.replace(/[./]/g, (each) => (each === '.' ? '/' : '.'))
}

/**
 * A kernel parameter belongs to a namespace of the container's own, so no other is changed.
 *
 * @throws ConfigError
 * @see CVE-2022-0811, GHSA-w2j5-3rcx-vx7x
 */
export function checkSysctl(key: string, value: string, has: (type: OciNamespace['type']) => boolean): void {
  const path = `linux.sysctl[${JSON.stringify(key)}]`
  const parts = sysctlPath(key).split('/')
  if (parts.some((part) => part === '' || part === '.' || part === '..')) throw new ConfigError(path, 'it is not the name of a kernel parameter')
  const name = parts.join('.')
  const needs = (type: OciNamespace['type']) => {
    if (!has(type)) throw new ConfigError(path, `${JSON.stringify(value)} would hold for the host: it needs a ${type} namespace in linux.namespaces`)
  }
  if (parts[0] === 'net') needs('network')
  else if (ipc.test(name)) needs('ipc')
  else if (name === 'kernel.domainname') needs('uts')
  else if (name === 'kernel.hostname') throw new ConfigError(path, 'hostname sets it')
  else throw new ConfigError(path, `${JSON.stringify(value)} would hold for the whole machine: no namespace has this parameter of its own`)
}
