import { capabilities } from '@ctr/caps'
import { actions, architectures } from '@ctr/seccomp'
import { families } from '@ctr/syscall'
import type { OciCommand } from '../oci-command.ts'
import { hookKinds } from '../../config/config-shape.ts'
import { print } from '../log.ts'
import { mountOptions } from '../mount-option-list.ts'
import { ociVersionMax, packageVersion } from '../version.ts'

export const command: OciCommand = {
  usage: '',
  about: 'print what this runtime can do',
  flags: [],
  operands: [0, 0],
  main() {
    print(JSON.stringify(features(), null, 2))
    return 0
  },
}

const operators = ['SCMP_CMP_NE', 'SCMP_CMP_LT', 'SCMP_CMP_LE', 'SCMP_CMP_EQ', 'SCMP_CMP_GE', 'SCMP_CMP_GT', 'SCMP_CMP_MASKED_EQ']
const knownFlags = ['SECCOMP_FILTER_FLAG_TSYNC', 'SECCOMP_FILTER_FLAG_LOG', 'SECCOMP_FILTER_FLAG_SPEC_ALLOW', 'SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV']

/** @see OCI runtime-spec features.md, features-linux.md */
export function features(): object {
  return {
    ociVersionMin: '1.0.0', ociVersionMax, hooks: hookKinds, mountOptions,
    linux: {
      namespaces: ['cgroup', 'ipc', 'mount', 'network', 'pid', 'time', 'user', 'uts'],
      capabilities,
      cgroup: { v1: true, v2: true, systemd: true, systemdUser: true, rdma: true },
      seccomp: { enabled: true, actions, operators, archs: Object.keys(architectures).sort(), knownFlags, supportedFlags: knownFlags },
      apparmor: { enabled: true },
      selinux: { enabled: true },
      memoryPolicy: { modes: families.mempolicy, flags: families.mempolicy_flag },
      intelRdt: { enabled: true, schemata: true, monitoring: true },
      netDevices: { enabled: true },
      mountExtensions: { idmap: { enabled: true } },
    },
    // The second is runc's, which is how callers know that they may ask for a checkpoint.
    annotations: { 'org.ctr.runner.version': packageVersion(), 'org.opencontainers.runc.checkpoint.enabled': 'true' },
    // With --systemd-cgroup, and of checkpoint and restore.
    potentiallyUnsafeConfigAnnotations: ['org.criu.config', 'org.systemd.property.'],
  }
}
