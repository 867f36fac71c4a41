import { cloneInto, joinCalls, limitWrites, type Group, type LimitWrite } from '@ctr/cgroup'
import { fixed, planFor, type LaunchOptions, type Plan } from '@ctr/launch'
import { hostname as setHostname, loopbackUp } from '@ctr/ns'
import { workingDirectory } from '@ctr/rootfs'
import { sys, type Program } from '@ctr/syscall'
import { checkConfig, hostnameOf, type ContainerConfig } from './config.ts'
import { containerGroup } from './container-group.ts'
import type { Facts } from './facts.ts'
import { cleanUp } from './program/clean-up.ts'
import { credentials } from './program/credentials.ts'
import { environment, execute } from './program/execute.ts'
import { resetAttributes, resetHostAttributes, resetPolicy } from './program/inherited.ts'
import { enterRoot } from './program/root.ts'
import { ownNamespaces } from './program/namespaces.ts'
import { remembered } from './program/remembered.ts'
import { openTerminal, takeTerminal } from './program/terminal.ts'
import { resolveUser } from './user.ts'

/** A container before it exists: everything that will be done for it, as data. */
export interface Container {
  readonly name: string
  /** What the container's first process will do. */
  readonly program: Program
  /** For @ctr/launch: namespaces, the cgroup to be born in, descriptors by name. */
  readonly launch: Pick<LaunchOptions, 'name' | 'namespaces' | 'cgroup' | 'forks'> & { readonly pass: readonly string[]; readonly orphan: Program }
  readonly group: Group
  /** What is written into the group's files before anything runs. */
  readonly limits: readonly LimitWrite[]
}

/**
 * The container as data, from what is wanted and what is known of the machine. Nothing is read and nothing is done.
 *
 * @throws TypeError, RangeError what is wanted cannot be
 */
export function container(config: ContainerConfig & { readonly name: string }, facts: Facts): Container {
  checkConfig(config)
  const { name, tty = false, init = false, network = 'none' } = config
  const user = resolveUser(config.user ?? '0', facts.passwd, facts.group)
  const hostname = hostnameOf(config)
  if (hostname === undefined && config.hostname !== undefined) throw new TypeError('Cannot set a hostname with the UTS namespace of the host')
  const env = environment(config.env ?? {}, { home: user.home, hostname, tty })
  const where = containerGroup(facts.cgroups, name, config.limits)
  const born = cloneInto(where)
  const { limit, filter } = credentials(config, user, facts)

  const program: Program = [
    sys.close({ fd: 'name' }, 'the name belongs to the owner, and to who cleans up behind it'),
    sys.setsid('the terminal and the session of whoever started us are not the container\'s'),
    ...resetPolicy(facts.inherited),
    ...joinCalls(where, { clonedInto: born !== undefined }),
    ...ownCgroups,
    ...resetHostAttributes(facts.inherited),
    ...enterRoot(config, facts, where),
    ...(hostname === undefined ? [] : setHostname(hostname)),
    ...(network === 'none' ? loopback() : []),
    ...workingDirectory({ path: config.cwd ?? '/', create: true }),
    ...(tty ? openTerminal(user.uid) : []),
    ...resetAttributes(facts.inherited, config.ulimits),
    ...limit,
    ...(init ? forkPayload : []),
    ...(init ? [sys.setsid('the command must not be in the session of PID 1')] : []),
    ...(tty ? takeTerminal() : []),
    ...filter,
    ...execute(config.args, env),
  ]
  return {
    name,
    program,
    launch: {
      name: 'ctr-setup',
      namespaces: ownNamespaces(config),
      ...(born === undefined ? {} : { cgroup: born }),
      pass: ['name', ...(init ? ['init'] : [])],
      forks: init ? [becomeInit(filter)] : [],
      orphan: cleanUp(where, config, facts.at.slice(0, facts.at.lastIndexOf('/'))),
    },
    group: where,
    limits: limitWrites(facts.cgroups, config.limits ?? {}),
  }
}

// Not a flag of clone3: it would take the group of the process that calls it for the root (copy_cgroup_ns in kernel/cgroup/namespace.c).
const ownCgroups = fixed([sys.unshare(['CLONE_NEWCGROUP'], 'the group that the container is in must be the root of what it sees')])

const loopback = remembered(() => loopbackUp())

/** PID 1 splits: the parent becomes init, the child goes on and execs the command. */
const forkPayload: Program = [
  sys.rt_sigprocmask('SIG_SETMASK', '~[]', 'a signal that comes before init is there to forward it would be lost'),
  sys.clone3({ flags: ['CLONE_PIDFD'], pidfd: null, exit_signal: 'SIGCHLD' }, { as: 'payload', why: 'PID 1 stays behind as init, and its child becomes the command' }),
  sys.rt_sigprocmask('SIG_SETMASK', [], 'the command must be reachable by signals'),
]

/** @see the adopt mode of @ctr/init: the pidfd of the payload is descriptor 3 */
const becomeInit = (filter: Program): Program => [
  sys.dup3({ fd: 'payload' }, 3, [], 'init finds the command under this number; the control socket that was there is the child\'s alone now'),
  ...filter,
  sys.execveat({ fd: 'init' }, '', ['init'], [], ['AT_EMPTY_PATH'], 'PID 1 must forward signals and reap orphans, and be nothing else'),
]

/**
 * The whole of what will be made, with what goes before and behind it: for explain.
 *
 * @param orphan what else the other side of clone3 is to do if we die
 */
export function containerPlan({ program, launch }: Container, orphan: Program = []): Plan {
  return planFor(program, { ...launch, pass: Object.fromEntries(launch.pass.map((name) => [name, -1])), orphan: [...orphan, ...launch.orphan] })
}

