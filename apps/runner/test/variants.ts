import type { ContainerConfig } from '../src/config.ts'

/** The compositions that ship: each kind of call that the runner can put into a program is in one of them. */
export function variants(directory: string): Readonly<Record<string, Omit<ContainerConfig, 'args'>>> {
  return {
    default: { rootfs: 'host' },
    'init and terminal': { rootfs: 'host', init: true, tty: true },
    directory: {
      rootfs: directory, readOnly: true, user: 'nobody', cwd: '/work/here', noNewPrivileges: true, capAdd: ['NET_ADMIN'], capDrop: ['CHOWN'], hostname: 'elsewhere', ulimits: { nofile: [64, 64] },
      mounts: [
        { type: 'bind', source: '/usr', target: '/usr', readOnly: true },
        { type: 'bind', source: '/etc/hostname', target: '/etc/hostname', readOnly: true },
        { type: 'bind', source: directory, target: '/data/deep' },
        { type: 'tmpfs', target: '/work', sizeBytes: 1 << 20, mode: 0o1777, options: ['nr_inodes=100'] },
      ],
      limits: { memoryBytes: 64 << 20, pidsMax: 32 },
    },
    'namespaces of the host': { rootfs: 'host', network: 'host', ipc: 'host', uts: 'host' },
  }
}
