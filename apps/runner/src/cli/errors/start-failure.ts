import { existsSync } from 'node:fs'
import { CgroupError, type Layout } from '@ctr/cgroup'
import { SyscallError } from '@ctr/syscall'
import { checkConfig, type ContainerConfig } from '../../config.ts'
import { container } from '../../container.ts'
import { find } from '../../containers.ts'
import type { Facts } from '../../facts.ts'
import { isPrivileged } from '../../privileged.ts'
import { readFacts } from '../../read-facts.ts'
import { NameInUseError, storeDirectory } from '../../store.ts'
import type { Arguments } from '../flags/flag.ts'
import { isRefusal, notRoot } from './not-root.ts'
import { flagBehind, originOfCall, originOfLimit, originOfRefusal } from './provenance.ts'
import { findCause } from './probes.ts'
import { ReportedError, type Report } from './report.ts'
import { shortCall } from './short-call.ts'

/** Why a container did not start, in the user's words. */
export function explainStartFailure(error: unknown, config: ContainerConfig, args: Arguments, name: string): unknown {
  const report = reportOf(error, config, args, name)
  return report === undefined ? error : new ReportedError(report, error)
}

function reportOf(error: unknown, config: ContainerConfig, args: Arguments, name: string): Report | undefined {
  if (error instanceof SyscallError) return refusedCall(error, config, args, name)
  if (error instanceof CgroupError) return refusedLimit(error, config, args, name)
  if (error instanceof NameInUseError) return nameInUse(error)
  const { code, path, syscall } = error as NodeJS.ErrnoException
  if (code === undefined && (error instanceof TypeError || error instanceof RangeError)) {
    const from = originOfRefusal(args, (each) => { checkConfig({ name: 'c', ...each }); container({ name: 'c', ...each }, facts(each)) })
    return { id: 'bad-config', headline: error.message.split('\n')[0]!, causes: [], fix: [], exit: 125, ...(from === undefined ? {} : { from }) }
  }
  // What only root may do was refused in front of the first step: that is said as it is for every other command.
  if (isRefusal(code) && notRoot() !== undefined) return undefined
  if (code !== undefined && syscall !== undefined) {
    const cause = isPrivileged() ? undefined : { text: `you are uid ${process.geteuid?.()} without CAP_SYS_ADMIN`, checked: true, probe: '/proc/self/status' }
    return { id: `${syscall}-${code}`.toLowerCase(), headline: `run failed before its first step  ${syscall} ${path ?? ''}`, errno: code, causes: cause ? [cause] : [], fix: cause ? ['run it as root'] : [], leftovers: leftovers(name), exit: 125 }
  }
  return undefined
}

let known: Facts | undefined
const facts = (config: ContainerConfig): Facts => (known ??= readFacts(config, `${storeDirectory()}/c/root`))

function refusedCall(error: SyscallError, config: ContainerConfig, args: Arguments, name: string): Report {
  const { call, code, index, of } = error
  const { cause, fix = [] } = findCause(error, config)
  const from = code.startsWith('SIG') ? flagBehind(args, (each) => each.limits?.memoryBytes !== undefined) : originOfCall(call, args, config, facts(config))
  const exit = call.name !== 'execve' ? 125 : code === 'ENOENT' || code === 'ENOTDIR' ? 127 : 126
  return {
    id: `${call.name}-${code}`.toLowerCase(),
    headline: `run failed at step ${index + 1}/${of}`,
    step: { index: index + 1, of, sys: call.name, args: call.args, why: call.why, text: shortCall(call) },
    errno: code,
    causes: cause === undefined ? [] : [cause],
    fix,
    ...(from === undefined ? {} : { from }),
    undone: index,
    leftovers: leftovers(name),
    exit,
  }
}

function refusedLimit(error: CgroupError, config: ContainerConfig, args: Arguments, name: string): Report {
  const file = error.path?.split('/').at(-1) ?? ''
  let from: string | undefined
  try {
    const layout: Layout = facts(config).cgroups
    from = originOfLimit(file, args, layout) ?? flagBehind(args, (each) => Object.keys(each.limits ?? {}).length === Object.keys(config.limits ?? {}).length)
  } catch {
    from = undefined
  }
  return {
    id: `cgroup-${error.code}`.toLowerCase(),
    headline: `run failed at its cgroup  ${file}${error.value === undefined ? '' : ` = ${error.value}`}`,
    errno: error.code,
    causes: error.hint === undefined ? [] : [{ text: error.hint, checked: error.path !== undefined, probe: 'cgroup files' }],
    fix: [],
    ...(from === undefined ? {} : { from }),
    leftovers: leftovers(name),
    exit: 125,
  }
}

function nameInUse({ containerName }: NameInUseError): Report {
  let status = 'in use'
  try {
    status = find(containerName).status
  } catch {
    // It ended a moment ago.
  }
  return {
    id: 'name-in-use', headline: `the name ${JSON.stringify(containerName)} is taken`, causes: [{ text: `a container of that name ${status === 'exited' ? 'has ended and is kept' : `is ${status}`}`, checked: true, probe: 'state' }],
    fix: [status === 'exited' ? `ctrun rm ${containerName}` : `ctrun rm -f ${containerName}, or another --name`], from: `--name ${containerName}`, exit: 125,
  }
}

/** What the container would have left, looked for where it would be. */
function leftovers(name: string): string[] {
  const cgroup = known?.cgroups.hierarchies.map(({ mountpoint }) => `${mountpoint}/ctrun-${name}`) ?? []
  return [`${storeDirectory()}/${name}`, ...cgroup].filter((path) => existsSync(path))
}
