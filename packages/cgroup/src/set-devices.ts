import { sys, SyscallError } from '@ctr/syscall'
import { CgroupError } from './cgroup-error.ts'
import { deviceCalls, unifiedOf } from './device-calls.ts'
import type { DeviceRule } from './device-rules.ts'
import { deviceWrites } from './device-writes.ts'
import { explained } from './explain-refusal.ts'
import { placeOf, type Group } from './group.ts'
import { writeText } from './interface-file.ts'

/**
 * Processes in the group and below can use the devices that the rules allow, and no others: the last rule that matches decides.
 *
 * v1 writes devices.allow and devices.deny. v2 has no files for it: a BPF program is written, loaded and attached, and takes the place of the
 * one that an earlier call attached, in one step. What a process has open stays open.
 *
 * @param rules OCI's `linux.resources.devices`; an empty list refuses all
 * @throws TypeError, RangeError before anything is done
 * @throws CgroupError EINVAL v1: the group has children, so its default cannot be changed
 * @throws CgroupError EPERM neither root nor CAP_BPF and CAP_NET_ADMIN; or on v1 the parent does not allow it
 * @throws CgroupError ENOENT no such group
 * @example
 * const box = create(group(cgroups(), '/ctr-test-devices'))
 * await setDevices(box, [{ allow: true, type: 'c', major: 1, minor: 3 }, { allow: true, type: 'c', major: 1, minor: 5, access: 'r' }])
 * await deleteGroup(box)
 */
export async function setDevices(group: Group, rules: readonly DeviceRule[]): Promise<void> {
  const place = placeOf(group, 'devices')
  if (place?.version === 1) {
    for (const { file, value } of deviceWrites(rules)) {
      try {
        writeText(`${place.directory}/${file}`, value)
      } catch (error) {
        throw explained(error, 1, `Cannot write ${value} to ${file}`)
      }
    }
    return
  }
  const { directory } = unifiedOf(group)
  const calls = deviceCalls(group, rules)
  // Not before it is needed: it loads koffi.
  const { perform } = await import('@ctr/syscall/perform')
  const { closeSync } = await import('node:fs')
  const step = <T>(run: () => T): T => {
    try {
      return run()
    } catch (error) {
      if (!(error instanceof SyscallError)) throw error
      const hint = error.code === 'EPERM' ? 'a device program needs CAP_BPF and CAP_NET_ADMIN, or CAP_SYS_ADMIN, outside of any user namespace' : error.code === 'ENOENT' ? 'the group does not exist in this hierarchy' : error.hint
      throw new CgroupError({ code: error.code, errno: error.errno, syscall: error.syscall, path: directory, action: `Cannot set the devices of cgroup ${group.path}`, ...(hint === undefined ? {} : { hint }) }, { cause: error })
    }
  }
  const before = step(() => perform([
    sys.openat('AT_FDCWD', directory, ['O_RDONLY', 'O_DIRECTORY', 'O_CLOEXEC'], 0, { as: 'group', why: 'programs are asked for by a descriptor of their group' }),
    sys.bpf('BPF_PROG_QUERY', { target_fd: { fd: 'group' }, attach_type: 'BPF_CGROUP_DEVICE', out: 256 }, 'rules that bind already must be replaced, not added to'),
    sys.close({ fd: 'group' }, 'only the answer was wanted'),
  ]))
  const ids = new Uint32Array(before.outputs.get(1)!.slice().buffer)
  const attached = [...ids].filter((id) => id !== 0)
  if (attached.length === 0) {
    step(() => perform(calls))
    return
  }
  if (attached.length > 1) {
    throw new CgroupError({ code: 'EEXIST', syscall: 'bpf', path: directory, action: `Cannot set the devices of cgroup ${group.path}`, hint: `several device programs are attached (ids ${attached.join(', ')}), and which of them to replace is not known` })
  }
  const { fds } = step(() => perform([sys.bpf('BPF_PROG_GET_FD_BY_ID', { prog_id: attached[0]! }, { as: 'old', why: 'BPF_F_REPLACE names the program by a descriptor' })]))
  try {
    step(() => perform(deviceCalls(group, rules, { replace: 'old' }), { old: fds['old']! }))
  } finally {
    closeSync(fds['old']!)
  }
}
