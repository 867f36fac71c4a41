import type { ContainerConfig } from '../../config.ts'
import { UsageError } from '../errors/usage-error.ts'
import { environmentOf } from './environment.ts'
import type { Arguments } from './flag.ts'
import { rootfsOf } from './image.ts'
import { parseMount, parseTmpfs, parseVolume } from './mounts.ts'
import { numberOf, oneOf, sizeOf } from './number.ts'
import { securityOptions } from './security-options.ts'
import { parseSignal } from './signal.ts'
import { parseUlimits } from './ulimits.ts'

const unsupportedNetwork = { bridge: 'networks of their own come later: none has only lo, host shares ours' }

/**
 * What `run` was asked for, as a configuration of the library.
 *
 * @param verb the command that asks: `explain` has all of it as well
 * @throws UsageError before anything runs
 */
export function runConfig(args: Arguments, verb = 'run'): ContainerConfig {
  const [image, ...command] = args.operands
  if (image === undefined) throw new UsageError(`${verb} needs an IMAGE and a command`, { id: 'no-image', fix: [`ctrun ${verb} --rm host sh`, `ctrun ${verb} --help has more examples`] })
  const words = command[0] === '--' ? command.slice(1) : command
  const entrypoint = args.one('entrypoint')
  const rootfs = rootfsOf(image)
  const all = entrypoint ? [entrypoint, ...words] : words
  if (all.length === 0) throw new UsageError(`${verb} needs a command: a directory has no default one`, { id: 'no-command', fix: [`ctrun ${verb} ${image} sh`] })
  const env = environmentOf(args)
  const limits = limitsOf(args)
  const mounts = args.given.flatMap(({ flag, value }) => (flag.name === 'volume' ? [parseVolume(value)] : flag.name === 'tmpfs' ? [parseTmpfs(value)] : flag.name === 'mount' ? [parseMount(value)] : []))
  const ulimits = parseUlimits(args.all('ulimit'))
  const network = oneOf(args, 'network', ['none', 'host'], unsupportedNetwork)
  return {
    rootfs,
    args: all,
    remove: args.has('rm'),
    ...defined({
      name: args.one('name'), hostname: args.one('hostname'), cwd: args.one('workdir'), user: args.one('user'),
      network, pid: hostOnly(args, 'pid'), ipc: hostOnly(args, 'ipc'), uts: hostOnly(args, 'uts'),
      stopSignal: args.one('stop-signal') === undefined ? undefined : parseSignal(args.one('stop-signal')!, '--stop-signal'),
      stopTimeoutSeconds: numberOf(args, 'stop-timeout', { of: 'seconds' }),
    }),
    ...(Object.keys(env).length === 0 ? {} : { env }),
    ...(Object.keys(limits).length === 0 ? {} : { limits }),
    ...(mounts.length === 0 ? {} : { mounts }),
    ...(Object.keys(ulimits).length === 0 ? {} : { ulimits }),
    ...(args.all('cap-add').length === 0 ? {} : { capAdd: capabilities(args, 'cap-add') }),
    ...(args.all('cap-drop').length === 0 ? {} : { capDrop: capabilities(args, 'cap-drop') }),
    ...(args.has('read-only') ? { readOnly: true } : {}),
    ...securityOptions(args.all('security-opt')),
    ...(args.has('init') ? { init: true } : {}),
    ...(args.has('tty') ? { tty: true } : {}),
  }
}

function limitsOf(args: Arguments): NonNullable<ContainerConfig['limits']> {
  const pids = numberOf(args, 'pids-limit', { least: -1 })
  return defined({
    memoryBytes: sizeOf(args, 'memory'),
    memorySwapBytes: args.one('memory-swap') === '-1' ? 'max' as const : sizeOf(args, 'memory-swap'),
    cpus: numberOf(args, 'cpus', { whole: false, least: 0.01, of: 'CPUs' }),
    cpuShares: numberOf(args, 'cpu-shares', { least: 2 }),
    cpusetCpus: args.one('cpuset-cpus'),
    pidsMax: pids === -1 || pids === 0 ? 'max' as const : pids,
  })
}

function capabilities(args: Arguments, flag: string): string[] {
  return args.all(flag).flatMap((text) => text.split(',')).filter(Boolean)
}

/** `private` is the default and may be said. */
function hostOnly(args: Arguments, flag: string): 'private' | 'host' | undefined {
  return oneOf(args, flag, ['private', 'host'], { [args.one(flag) ?? '']: 'joining another container is not possible yet' })
}

/** Without the members that are undefined: with exactOptionalPropertyTypes they are not the same as absent. */
function defined<T extends object>(object: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as { [K in keyof T]?: Exclude<T[K], undefined> }
}
