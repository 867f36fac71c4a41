import fc from 'fast-check'
import { expect, test } from 'vitest'
import { AmbiguousPidNamespaceError, PidNamespaces, type PidTableRow } from './pid-namespaces.ts'

const HOST = 4026531836
const row = (pid: number, ppid: number, namespace: number | undefined, ...inner: number[]): PidTableRow => ({
  pid, ppid, nspid: [pid, ...inner], ...(namespace === undefined ? {} : { namespace }),
})

// A host, a container (100), a container in it (200), and another container (300) beside the first.
const table = [
  row(1, 0, HOST),
  row(10, 1, 100, 1),
  row(11, 10, 100, 7),
  row(12, 11, 200, 8, 1),
  row(13, 12, 200, 9, 5),
  row(20, 1, 300, 1),
  row(21, 20, 300, 8),
]

test('both ways through two levels', () => {
  const namespaces = new PidNamespaces(table)
  expect(namespaces.hostPid(200, 5)).toBe(13)
  expect(namespaces.hostPid(100, 9)).toBe(13)
  expect(namespaces.hostPid(HOST, 13)).toBe(13)
  expect(namespaces.pidIn(13, 200)).toBe(5)
  expect(namespaces.pidIn(13, 100)).toBe(9)
  expect(namespaces.pidIn(13, HOST)).toBe(13)
})

test('a PID of a container beside is not taken for one of this', () => {
  const namespaces = new PidNamespaces(table)
  expect(namespaces.hostPid(100, 8)).toBe(12)
  expect(namespaces.hostPid(300, 8)).toBe(21)
  expect(namespaces.hostPid(300, 9)).toBeUndefined()
  expect(namespaces.pidIn(13, 300)).toBeUndefined()
  expect(namespaces.pidIn(10, 200)).toBeUndefined()
})

test('what is not there is undefined', () => {
  const namespaces = new PidNamespaces(table)
  expect(namespaces.hostPid(999, 1)).toBeUndefined()
  expect(namespaces.pidIn(999, 100)).toBeUndefined()
  expect(namespaces.pidIn(13, 999)).toBeUndefined()
  expect(namespaces.ancestor(999, 1)).toBeUndefined()
  expect(namespaces.ancestor(100, 5)).toBeUndefined()
  expect(namespaces.ancestor(100, 0)).toBeUndefined()
  expect(namespaces.depth(200)).toBe(3)
})

test('a process that entered past the parent: the taken PIDs tell', () => {
  // The init of 200 was made by a process that has ended, and its own parent is on the host.
  const entered = table.map((each) => (each.pid === 12 ? { ...each, ppid: 1 } : each))
  // 300 has a process 8 already, so 200, whose init is 8 above, is not below it.
  expect(new PidNamespaces(entered).ancestor(200, 2)).toBe(100)
})

test('where nothing tells, it is an error and not a guess; parents settle it', () => {
  const entered = table.filter(({ pid }) => pid !== 21).map((each) => (each.pid === 12 ? { ...each, ppid: 1 } : each))
  const namespaces = new PidNamespaces(entered)
  expect(() => namespaces.pidIn(13, 100)).toThrow(AmbiguousPidNamespaceError)
  expect(() => namespaces.hostPid(300, 9)).toThrow('pass parents, from NS_GET_PARENT')
  // Translation within its own namespace and to the host does not need it.
  expect(namespaces.pidIn(13, 200)).toBe(5)
  expect(namespaces.pidIn(13, HOST)).toBe(13)
  const told = new PidNamespaces(entered, new Map([[200, 100], [100, HOST], [300, HOST]]))
  expect(told.pidIn(13, 100)).toBe(9)
  expect(told.hostPid(300, 9)).toBeUndefined()
})

test('a link that could not be read', () => {
  const namespaces = new PidNamespaces([row(1, 0, HOST), row(10, 1, undefined, 1), row(20, 1, 300, 1)])
  expect(namespaces.pidIn(10, HOST)).toBe(10)
  expect(() => namespaces.pidIn(10, 300)).toThrow('its ns/pid link could not be read')
})

test('a link of an init that could not be read: the only candidate is not taken for the right one', () => {
  const rows = [row(1, 0, HOST), row(10, 1, undefined, 1), row(12, 1, 200, 8, 1), row(20, 1, 300, 1)]
  expect(() => new PidNamespaces(rows).pidIn(12, 300)).toThrow(AmbiguousPidNamespaceError)
})

/** A kernel that only makes namespaces and processes: it knows every answer. */
interface Model {
  rows: PidTableRow[]
  parent: Map<number, number>
  pids: Map<number, Map<number, number>> // namespace -> PID in it -> host PID
}

type Step = { of: number; kind: 'fork' | 'new' | 'enter' | 'parent' | 'exit'; into: number }

function model(steps: Step[]): Model {
  const parent = new Map<number, number>()
  const pids = new Map([[HOST, new Map([[1, 1]])]])
  const last = new Map([[HOST, 1]])
  let rows = [row(1, 0, HOST)]
  const chain = (inode: number): number[] => (parent.has(inode) ? [...chain(parent.get(inode)!), inode] : [inode])
  for (const { of, kind, into } of steps) {
    const creator = rows[of % rows.length]!
    let namespace = creator.namespace!
    if (kind === 'exit') {
      // An init takes its namespace with it: only others exit here, and their children go to their namespace's init.
      if (creator.nspid.at(-1) === 1) continue
      const heir = pids.get(namespace)!.get(1)!
      rows = rows.filter((each) => each !== creator).map((each) => (each.ppid === creator.pid ? { ...each, ppid: heir } : each))
      for (const [index, inode] of chain(namespace).entries()) pids.get(inode)!.delete(creator.nspid[index]!)
      continue
    }
    if (kind === 'new') {
      const inode = 5_000_000 + parent.size
      parent.set(inode, namespace)
      pids.set(inode, new Map())
      namespace = inode
    } else if (kind === 'enter') {
      // setns(2): into a namespace below one's own only.
      const below = [...pids.keys()].filter((inode) => chain(inode).includes(namespace))
      namespace = below[into % below.length]!
    }
    const nspid = chain(namespace).map((inode) => {
      last.set(inode, (last.get(inode) ?? 0) + 1)
      return last.get(inode)!
    })
    const host = nspid[0]!
    for (const [index, inode] of chain(namespace).entries()) pids.get(inode)!.set(nspid[index]!, host)
    // CLONE_PARENT gives the child the creator's own parent; the kernel refuses it to an init.
    const ppid = kind === 'parent' && creator.nspid.at(-1) !== 1 ? creator.ppid : creator.pid
    rows.push({ pid: host, ppid, nspid, namespace })
  }
  return { rows, parent, pids }
}

const steps = fc.array(
  fc.record({ of: fc.nat(60), kind: fc.constantFrom<Step['kind']>('fork', 'fork', 'new', 'enter', 'enter', 'parent', 'exit', 'exit'), into: fc.nat(60) }),
  { maxLength: 40 },
)

test('any history: with the parents known, every answer is right', () => {
  fc.assert(fc.property(steps, (history) => {
    const { rows, parent, pids } = model(history)
    const namespaces = new PidNamespaces(rows, parent)
    for (const [inode, members] of pids) {
      for (const [pid, host] of members) expect(namespaces.hostPid(inode, pid)).toBe(host)
      const hosts = new Map([...members].map(([pid, host]) => [host, pid]))
      for (const { pid } of rows) expect(namespaces.pidIn(pid, inode)).toBe(hosts.get(pid))
      expect(namespaces.hostPid(inode, 1_000)).toBeUndefined()
    }
  }))
})

test('any history: without them, every answer is right or refused', () => {
  fc.assert(fc.property(steps, (history) => {
    const { rows, pids } = model(history)
    const namespaces = new PidNamespaces(rows)
    const answer = (ask: () => number | undefined): number | undefined | 'refused' => {
      try {
        return ask()
      } catch (error) {
        if (error instanceof AmbiguousPidNamespaceError) return 'refused'
        throw error
      }
    }
    for (const [inode, members] of pids) {
      const hosts = new Map([...members].map(([pid, host]) => [host, pid]))
      for (const [pid, host] of members) expect([host, 'refused']).toContain(answer(() => namespaces.hostPid(inode, pid)))
      for (const { pid } of rows) expect([hosts.get(pid), 'refused']).toContain(answer(() => namespaces.pidIn(pid, inode)))
    }
  }), { numRuns: 1000 })
})
