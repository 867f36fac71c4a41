import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { defaultMaskedPaths, defaultReadOnlyPaths } from '@ctr/rootfs'
import type { OciCommand } from '../oci-command.ts'
import { OciError } from '../../oci-error.ts'
import { ociVersionMax } from '../version.ts'

export const command: OciCommand = {
  usage: '',
  about: 'write a config.json to begin with',
  flags: [{ name: 'bundle', short: 'b', value: 'DIR', help: 'where to; default the working directory' }, { name: 'rootless', help: 'for a user who is not root' }],
  operands: [0, 0],
  main(args) {
    const file = join(args.text('bundle') ?? '.', 'config.json')
    if (existsSync(file)) throw new OciError(`File ${file} exists. Remove it first`)
    writeFileSync(file, `${JSON.stringify(exampleConfig(args.has('rootless')), null, 2)}\n`)
    return 0
  },
}

/** A shell in a terminal, in a directory `rootfs` beside the file. */
export function exampleConfig(rootless: boolean): object {
  const given = ['CAP_AUDIT_WRITE', 'CAP_KILL', 'CAP_NET_BIND_SERVICE']
  const kernel = ['nosuid', 'noexec', 'nodev']
  const own = { uid: process.geteuid?.() ?? 0, gid: process.getegid?.() ?? 0 }
  return {
    ociVersion: ociVersionMax,
    process: {
      terminal: true, user: { uid: 0, gid: 0 }, args: ['sh'], env: ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', 'TERM=xterm'], cwd: '/',
      capabilities: { bounding: given, effective: given, permitted: given }, rlimits: [{ type: 'RLIMIT_NOFILE', hard: 1024, soft: 1024 }], noNewPrivileges: true,
    },
    root: { path: 'rootfs', readonly: true },
    hostname: 'ctrun',
    mounts: [
      { destination: '/proc', type: 'proc', source: 'proc' },
      { destination: '/dev', type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'strictatime', 'mode=755', 'size=65536k'] },
      { destination: '/dev/pts', type: 'devpts', source: 'devpts', options: ['nosuid', 'noexec', 'newinstance', 'ptmxmode=0666', 'mode=0620', ...(rootless ? [] : ['gid=5'])] },
      { destination: '/dev/shm', type: 'tmpfs', source: 'shm', options: [...kernel, 'mode=1777', 'size=65536k'] },
      { destination: '/dev/mqueue', type: 'mqueue', source: 'mqueue', options: kernel },
      ...(rootless ? [{ destination: '/sys', type: 'bind', source: '/sys', options: ['rbind', 'ro', ...kernel] }] : [{ destination: '/sys', type: 'sysfs', source: 'sysfs', options: [...kernel, 'ro'] }]),
      { destination: '/sys/fs/cgroup', type: 'cgroup', source: 'cgroup', options: [...kernel, 'relatime', 'ro'] },
    ],
    linux: {
      resources: { devices: [{ allow: false, access: 'rwm' }] },
      namespaces: ['pid', ...(rootless ? [] : ['network']), 'ipc', 'uts', 'mount', 'cgroup', ...(rootless ? ['user'] : [])].map((type) => ({ type })),
      ...(rootless ? { uidMappings: [{ containerID: 0, hostID: own.uid, size: 1 }], gidMappings: [{ containerID: 0, hostID: own.gid, size: 1 }] } : {}),
      maskedPaths: defaultMaskedPaths, readonlyPaths: defaultReadOnlyPaths,
    },
  }
}
