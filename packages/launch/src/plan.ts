import { descriptors, sys, type Constant, type Program } from '@ctr/syscall'
import { control } from './checkpoint.ts'
import { fixed } from './fixed.ts'
import { maxCalls, status, statusAddress, statusBytes, statusBytesOf } from './layout.ts'

/** A straight line of calls and the descriptors that are open when it starts, by name. */
export interface Side {
  readonly program: Program
  readonly open: Readonly<Record<string, number>>
}

/** Everything that will be made, as data: what `explain` prints and `assemble` writes. */
export interface Plan {
  /** One straight line. Up to the first clone3 it runs in the parent's namespaces, behind it in the new ones. */
  readonly program: Program
  readonly open: Readonly<Record<string, number>>
  /** For each clone3 in the program, in order, what the process that called it goes on with. */
  readonly forks: readonly Side[]
}

/** How a new process comes into a cgroup of version 2. */
export type CgroupBy = 'clone3' | 'cgroup.procs'

export interface PlanOptions {
  /** New namespaces for the process: clone3 flags. */
  readonly namespaces?: readonly Constant<'clone'>[] | undefined
  /** Calls made before clone3, in the parent's namespaces: joining cgroups, setns. */
  readonly stage?: Program | undefined
  /** Numbers above 2 under which what is executed has descriptors too. The program finds each as `fd N`. */
  readonly kept?: readonly number[] | undefined
  /** Names of descriptors that are passed on, in order: they get 4, 5, …, or the numbers behind the last that is kept. */
  readonly pass?: readonly string[] | undefined
  /** The name of a passed descriptor of a cgroup v2 directory in which the process is to start. */
  readonly cgroup?: string | undefined
  /** By what it comes there: the flag CLONE_INTO_CGROUP of clone3, or its own first call. Default `clone3`. */
  readonly cgroupBy?: CgroupBy | undefined
  /** clone even without new namespaces: after joining a PID namespace only children are in it. */
  readonly fork?: boolean | undefined
  /** What is to be made if the parent dies first, after the process was killed. */
  readonly orphan?: Program | undefined
  /** What the calling process goes on with after each clone3 that the program itself has. */
  readonly forks?: readonly Program[] | undefined
  /** The process outlives its parent. */
  readonly detached?: boolean | undefined
  /** Stay traceable up to the checkpoint at which an unprivileged parent writes the id maps: it may not otherwise. */
  readonly lateDumpable?: boolean | undefined
  /** Stay traceable up to execve. */
  readonly traceable?: boolean | undefined
  /** What the process is called until it execs. At most 15 bytes. */
  readonly name?: string | undefined
}

const undumpable = fixed([sys.prctl('PR_SET_DUMPABLE', 'SUID_DUMP_DISABLE', 'nobody in a container may trace us or look through our descriptors')])

/** How long the kernel may take to end a killed process before clean-up goes on without it. */
const patience = { tv_sec: 10, tv_nsec: 0 }

const mapped = (bytes: number) => sys.mmap(statusAddress, bytes, ['PROT_READ', 'PROT_WRITE'], ['MAP_SHARED', 'MAP_FIXED'], { fd: 'status' }, 0, 'progress is reported through memory: it needs no call and survives SIGKILL')
const progress = fixed([mapped(statusBytes)])

const release = fixed([sys.close({ fd: 'life' }, 'the life line is for the other side')])
const born = (cgroup: string): Program => [sys.close({ fd: cgroup }, 'it was for clone3: a directory of the host must not stay open where a container is made')]

const membership = { fd: 'cgroup.procs' } as const
const openMembership = (cgroup: string): Program => [sys.openat({ fd: cgroup }, 'cgroup.procs', ['O_WRONLY', 'O_CLOEXEC'], 0, { as: membership.fd, why: 'who may join is asked of whoever has opened it: here that is still us' })]
const enter = fixed([
  sys.write(membership, '0', '0 is the caller: before anything else of it runs, it is in its group'),
  sys.close(membership, 'a descriptor of the host must not stay open where a container is made'),
])
/** The root of a namespace of cgroups is where its maker is. */
const enterNamespace = fixed([sys.unshare(['CLONE_NEWCGROUP'], 'with clone3 it would have the group of our parent for its root')])

/** What the process that called clone3 goes on with. */
let watched: Program | undefined
const watching = () => (watched ??= fixed([
  sys.close(control, 'the parent sees end of file when the process execs, unless others hold the socket'),
  sys.setsid({ why: 'a signal from the terminal must not end the one who watches', allow: ['EPERM'] }),
  sys.read({ fd: 'life' }, { out: 1 }, { why: 'end of file is the death of the parent; a byte from it ends this process', returns: 0 }),
  sys.pidfd_send_signal({ fd: 'child' }, 'SIGKILL', { why: 'nobody is left to wait for the process', allow: ['ESRCH'] }),
  sys.ppoll([{ fd: { fd: 'child' }, events: ['POLLIN'] }], patience, 'what it used can be removed once it has ended'),
]))

/**
 * Puts around a program what starting it as a process needs: the status page, the descriptors, clone3, and the life line.
 *
 * @returns the whole of what will be made, in order
 */
export function plan(program: Program, options: PlanOptions = {}): Plan {
  const { namespaces = [], stage = [], kept = [], pass = [], cgroup, cgroupBy = 'clone3', fork = false, orphan = [], forks = [], detached = false, lateDumpable = false, traceable = false, name = 'ctr' } = options
  const joins = cgroup !== undefined && cgroupBy === 'cgroup.procs'
  const later = joins && namespaces.includes('CLONE_NEWCGROUP')
  const clones = fork || namespaces.length > 0 || cgroup !== undefined || !detached
  // Where nothing is cloned, the parent tells by the name whether the execve has happened.
  const comm = !clones && executes(program, name) ? `${name.slice(0, 14)}~` : name
  const named = ['control', ...pass, ...(clones && !detached ? ['life'] : []), 'status']
  const twice = named.find((each, i) => named.indexOf(each) !== i)
  if (twice !== undefined) throw new TypeError(`Cannot pass a descriptor as ${JSON.stringify(twice)}: there is one of that name already`)
  const other = namespaces.find((flag) => !flag.startsWith('CLONE_NEW'))
  if (other !== undefined) throw new TypeError(`Cannot make a namespace of ${other}`)
  const first = Math.max(2, ...kept) + 1
  const open = Object.fromEntries([...kept.map((number) => [`fd ${number}`, number] as const), ...named.map((each, i) => [each, first + i] as const)])

  const begin: Program = [
    ...progress,
    sys.close_range(open['status']!, 0xffffffff, [], 'no descriptor of the caller may be inherited'),
    ...gaps(kept).map(([from, to]) => sys.close_range(from, to, [], 'nor one between those that are wanted')),
    sys.close_range(first, 0xffffffff, ['CLOSE_RANGE_CLOEXEC'], 'and none of ours by what is executed'),
    sys.prctl('PR_SET_NAME', comm, 'the process would be called after a descriptor number'),
    ...(lateDumpable || traceable ? [] : undumpable),
    ...(joins ? openMembership(cgroup) : []),
    ...stage,
  ]
  const rest: Program = lateDumpable && !traceable ? afterCheckpoint(program) : program
  if (!clones) return complete([...begin, ...rest], open, forks)

  const clone = sys.clone3({
    flags: ['CLONE_PARENT', 'CLONE_PARENT_SETTID', ...(detached ? [] : ['CLONE_PIDFD' as const]), ...(cgroup === undefined || joins ? [] : ['CLONE_INTO_CGROUP' as const]), ...namespaces.filter((flag) => !later || flag !== 'CLONE_NEWCGROUP')],
    ...(detached ? {} : { pidfd: null }),
    parent_tid: statusAddress + status.pid,
    ...(cgroup === undefined || joins ? {} : { cgroup: { fd: cgroup } }),
  }, { why: namespaces.length > 0 ? 'only a new process can be in new namespaces from its first instruction on' : 'the caller stays behind, to end the process and clean up should its parent die', ...(detached ? {} : { as: 'child' }) })
  const watch = detached ? [] : [...watching(), ...orphan]
  return complete([...begin, clone, ...(joins ? enter : []), ...(later ? enterNamespace : []), ...(cgroup === undefined ? [] : born(cgroup)), ...(detached ? [] : release), ...rest], open, [watch, ...forks])
}

/** What is between 2 and the highest of some numbers, and is none of them. */
function gaps(kept: readonly number[]): (readonly [from: number, to: number])[] {
  return [...kept].sort((a, b) => a - b).flatMap((number, i, sorted) => {
    const from = (sorted[i - 1] ?? 2) + 1
    return from < number ? [[from, number - 1] as const] : []
  })
}

function complete(short: Program, open: Readonly<Record<string, number>>, forks: readonly Program[]): Plan {
  if (short.length > maxCalls) throw new RangeError(`Cannot launch ${short.length} calls: the status page has room for ${maxCalls}`)
  const bytes = statusBytesOf(short.length)
  const program = bytes === statusBytes ? short : short.map((call) => (call === progress[0] ? mapped(bytes) : call))
  // Its end of file is how the parent knows of the execve.
  if (!descriptors(program, open).left.has('control')) throw new TypeError('Cannot launch a program that closes its control socket')
  return { program, open, forks: sides(program, open, forks) }
}

/** The descriptors of each other side: those open at its clone3, and the pidfd, which gets the lowest number that is free. */
function sides(program: Program, open: Readonly<Record<string, number>>, forks: readonly Program[]): Side[] {
  const clones = program.flatMap((call, index) => (call.name === 'clone3' ? [index] : []))
  if (clones.length !== forks.length) throw new TypeError(`The program has ${clones.length} clone3 and ${forks.length} programs for their other sides`)
  return forks.map((side, i) => {
    const { as } = program[clones[i]!]!
    const known = descriptors(program.slice(0, clones[i]), open)
    const before = Object.fromEntries(known.left)
    let lowest = 0
    while (known.numbers.has(lowest)) lowest++
    return { program: side, open: as === undefined ? before : { ...before, [as]: lowest } }
  })
}

/** Whether what is executed will be called this; the kernel keeps 15 bytes of a name. */
function executes(program: Program, name: string): boolean {
  return program.some((call) => call.name === 'execve' && String(call.args[0]).split('/').at(-1)!.slice(0, 15) === name.slice(0, 15))
}

/** The first checkpoint of such a program is two calls, a write and a read. */
function afterCheckpoint(program: Program): Program {
  return [...program.slice(0, 2), ...undumpable, ...program.slice(2)]
}
