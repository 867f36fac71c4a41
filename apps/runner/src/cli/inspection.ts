import type { ContainerRecord } from '../containers.ts'
import { hostnameOf, type Mount } from '../config.ts'
import { howToStop } from '../how-to-stop.ts'

/** All that is known of a container, under the names that Docker's scripts look for. */
export function inspection({ state, status }: ContainerRecord) {
  const { config, outcome } = state
  const limits = config.limits ?? {}
  const number = (value: number | 'max' | undefined) => (typeof value === 'number' ? value : 0)
  return {
    Id: state.id,
    Name: state.name,
    Created: state.created,
    State: {
      Status: status === 'creating' ? 'created' : status,
      Running: status === 'running' || status === 'paused',
      Paused: status === 'paused',
      Pid: status === 'exited' ? 0 : (state.process?.pid ?? 0),
      ExitCode: outcome?.exitCode ?? 0,
      OOMKilled: outcome?.reason?.kind === 'oom',
      Signal: outcome?.signal ?? null,
      Reason: outcome?.reason ?? null,
      StartedAt: state.started ?? null,
      FinishedAt: state.finished ?? null,
      OwnerPid: state.owner.pid,
    },
    Path: config.args[0] ?? '',
    Args: config.args.slice(1),
    Image: config.rootfs,
    Config: {
      Hostname: hostnameOf({ name: state.name, ...config }) ?? '',
      User: config.user ?? '',
      Tty: config.tty ?? false,
      Env: Object.entries(config.env ?? {}).map(([name, value]) => `${name}=${value}`),
      Cmd: config.args,
      WorkingDir: config.cwd ?? '/',
      StopSignal: howToStop(config).signal,
      StopTimeout: howToStop(config).timeoutSeconds,
    },
    HostConfig: {
      AutoRemove: config.remove ?? false,
      NetworkMode: config.network ?? 'none',
      PidMode: config.pid ?? 'private',
      IpcMode: config.ipc ?? 'private',
      UTSMode: config.uts ?? 'private',
      ReadonlyRootfs: config.readOnly ?? false,
      Init: config.init ?? false,
      CapAdd: config.capAdd ?? [],
      CapDrop: config.capDrop ?? [],
      SecurityOpt: [...(config.noNewPrivileges ? ['no-new-privileges'] : []), ...(config.seccomp === undefined || config.seccomp === 'default' ? [] : [`seccomp=${typeof config.seccomp === 'string' ? config.seccomp : JSON.stringify(config.seccomp)}`])],
      Memory: number(limits.memoryBytes),
      MemorySwap: limits.memorySwapBytes === 'max' ? -1 : number(limits.memorySwapBytes),
      NanoCpus: Math.round((limits.cpus ?? 0) * 1e9),
      CpuShares: limits.cpuShares ?? 0,
      CpusetCpus: limits.cpusetCpus ?? '',
      PidsLimit: number(limits.pidsMax),
      Ulimits: Object.entries(config.ulimits ?? {}).map(([Name, [Soft, Hard]]) => ({ Name, Soft: Soft === 'unlimited' ? -1 : Soft, Hard: Hard === 'unlimited' ? -1 : Hard })),
      CgroupPath: state.cgroup,
    },
    Mounts: (config.mounts ?? []).map(mount),
  }
}

function mount(each: Mount) {
  return each.type === 'bind'
    ? { Type: 'bind', Source: each.source, Destination: each.target, RW: !(each.readOnly ?? false) }
    : { Type: 'tmpfs', Source: '', Destination: each.target, RW: true }
}
