import { sys, type Program } from '@ctr/syscall'
import { CgroupError } from './cgroup-error.ts'
import { deviceProgram } from './device-program.ts'
import type { DeviceRule } from './device-rules.ts'
import { placeOf, type Group, type Place } from './group.ts'

/** What is attached already, when it is to be replaced: a descriptor of it that is open where the calls are made. */
export interface DeviceCallOptions {
  readonly replace?: string
}

/**
 * The calls by which the rules hold for the group and everything below it, on v2.
 *
 * The program stays with the group after its descriptors are closed. BPF_F_ALLOW_MULTI: a group below may attach one of its own, as systemd
 * in a container does, and then both must say yes. Rules that bind already are not undone by a second program: `replace` is what takes their place.
 *
 * @param group must exist when the calls are made; they need CAP_BPF and CAP_NET_ADMIN, or CAP_SYS_ADMIN, in the first user namespace
 * @throws CgroupError ENOENT the group lives in no v2 hierarchy
 * @throws TypeError, RangeError see `deviceProgram`
 * @see bpf(2)
 */
export function deviceCalls(group: Group, rules: readonly DeviceRule[], { replace }: DeviceCallOptions = {}): Program {
  return [
    sys.bpf('BPF_PROG_LOAD', { prog_type: 'BPF_PROG_TYPE_CGROUP_DEVICE', insns: deviceProgram(rules), license: 'GPL', prog_name: 'ctr_devices', expected_attach_type: 'BPF_CGROUP_DEVICE' }, { as: 'devices', why: 'v2 has no list of devices: a program decides' }),
    sys.openat('AT_FDCWD', unifiedOf(group).directory, ['O_RDONLY', 'O_DIRECTORY', 'O_CLOEXEC'], 0, { as: 'group', why: 'a program is attached to a descriptor of the group' }),
    sys.bpf('BPF_PROG_ATTACH', {
      target_fd: { fd: 'group' }, attach_bpf_fd: { fd: 'devices' }, attach_type: 'BPF_CGROUP_DEVICE', attach_flags: replace === undefined ? ['BPF_F_ALLOW_MULTI'] : ['BPF_F_ALLOW_MULTI', 'BPF_F_REPLACE'],
      ...(replace === undefined ? {} : { replace_bpf_fd: { fd: replace } }),
    }, replace === undefined ? 'from here on the rules hold' : 'one step from the old rules to the new: never both, never none'),
    sys.close({ fd: 'group' }, 'the program stays without it'),
    sys.close({ fd: 'devices' }, 'the group keeps the program'),
  ]
}

/** v2 devices need the v2 directory, whatever else there is. */
export function unifiedOf(group: Group): Place {
  const unified = placeOf(group, 'unified')
  if (unified) return unified
  throw new CgroupError({ code: 'ENOENT', syscall: 'bpf', action: `Cannot set the devices of cgroup ${group.path}`, hint: 'it lives neither in a v2 hierarchy nor in one with the devices controller' })
}
