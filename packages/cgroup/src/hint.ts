/** Reads a sibling file of the refused one, or `../file`; undefined when it cannot be read. */
export type Probe = (file: string) => string | undefined

interface Row {
  readonly code: string
  readonly file: RegExp
  readonly version?: 1 | 2
  readonly hint: (probe: Probe, value: string) => string | undefined
}

/**
 * The likely cause of a refusal, in words, from the first row that has something to say.
 *
 * @param probe cheap, read-only, called only after a refusal
 */
export function hintOf(code: string, file: string, version: 1 | 2, value: string, probe: Probe): string | undefined {
  for (const row of rows()) {
    if (row.code !== code || !row.file.test(file) || (row.version ?? version) !== version) continue
    const hint = row.hint(probe, value)
    if (hint) return hint
  }
  return undefined
}

const noPages = 'this machine has no huge pages of that size (/sys/kernel/mm/hugepages)'

/** v2: the group has the controller, so a file that is missing is not the controller's absence. */
function has(probe: Probe, controller: string): boolean {
  return probe('cgroup.controllers')?.trim().split(' ').includes(controller) ?? false
}

/** Made when something was refused. */
const rows = (): readonly Row[] => [
  {
    // mm/memcontrol-v1.c mem_cgroup_resize_max: reclaims, then gives up.
    code: 'EBUSY', file: /^memory\.(memsw\.)?limit_in_bytes$/, version: 1,
    hint: (probe, value) => {
      const usage = bytes(probe('memory.usage_in_bytes'))
      const peak = bytes(probe('memory.max_usage_in_bytes'))
      return usage && peak ? `usage is ${usage} (peak ${peak}) and could not be reclaimed below ${bytes(value) ?? value}` : undefined
    },
  },
  { code: 'EINVAL', file: /^memory\.limit_in_bytes$/, version: 1, hint: (probe) => above('memory and swap together are limited to', bytes(probe('memory.memsw.limit_in_bytes'))) },
  { code: 'EINVAL', file: /^memory\.memsw\.limit_in_bytes$/, version: 1, hint: (probe) => above('memory and swap together cannot be less than memory alone:', bytes(probe('memory.limit_in_bytes'))) },
  { code: 'ENOENT', file: /^memory\.memsw\./, version: 1, hint: (probe) => (probe('memory.limit_in_bytes') ? 'swap is not accounted on this kernel (swapaccount=0, or no CONFIG_SWAP)' : undefined) },
  { code: 'ENOENT', file: /^memory\.swap\./, version: 2, hint: (probe) => (probe('memory.max') ? 'swap is not accounted on this kernel (swapaccount=0, or no CONFIG_SWAP)' : undefined) },
  { code: 'ENOENT', file: /^cgroup\.kill$/, hint: (probe) => (probe('cgroup.procs') !== undefined ? 'this kernel is older than Linux 5.14' : undefined) },
  { code: 'ENOENT', file: /^io\.weight$/, version: 2, hint: (probe) => (has(probe, 'io') ? 'weights need blk-iocost (CONFIG_BLK_CGROUP_IOCOST) or the BFQ scheduler, and this kernel has neither' : undefined) },
  { code: 'ENOENT', file: /^hugetlb\./, version: 2, hint: (probe) => (has(probe, 'hugetlb') ? noPages : undefined) },
  ...['memory', 'cpu', 'cpuset', 'io', 'pids', 'rdma', 'misc'].map((name): Row => ({ code: 'ENOENT', file: new RegExp(`^${name}\\.`), version: 2, hint: (probe) => (has(probe, name) ? 'this kernel is too old for the file, or was built without what it is for' : undefined) })),
  {
    code: 'ENOENT', file: /^(memory|cpu|cpuset|io|pids|hugetlb|rdma|misc)\./, version: 2,
    hint: (probe) => {
      const enabled = probe('cgroup.controllers')
      if (enabled === undefined) return undefined
      const list = (text: string | undefined) => text?.trim() || 'none'
      return `the controller is not enabled here (enabled: ${list(enabled)}); the parent's cgroup.subtree_control has: ${list(probe('../cgroup.subtree_control'))}`
    },
  },
  { code: 'ENOENT', file: /^cpu\.rt_/, version: 1, hint: (probe) => (probe('cpu.shares') ? 'this kernel has no real-time budgets of groups (CONFIG_RT_GROUP_SCHED)' : undefined) },
  { code: 'ENOENT', file: /^blkio\.bfq\./, version: 1, hint: (probe) => (probe('cgroup.procs') !== undefined ? "weights are the BFQ scheduler's, which is not loaded (modprobe bfq)" : undefined) },
  { code: 'ENOENT', file: /^hugetlb\./, version: 1, hint: (probe) => (probe('cgroup.procs') !== undefined ? noPages : undefined) },
  { code: 'ENOENT', file: /./, hint: (probe) => (probe('cgroup.procs') === undefined ? 'the group does not exist in this hierarchy' : undefined) },
  {
    // tg_set_cfs_bandwidth, __cfs_schedulable: the hierarchy's ratios are checked on v1 only.
    code: 'EINVAL', file: /^cpu\.cfs_(quota|period)_us$/, version: 1,
    hint: (probe) => {
      const quota = probe('../cpu.cfs_quota_us')?.trim()
      return quota && quota !== '-1' ? `the share of a CPU may not exceed the parent's: quota ${quota} µs in ${probe('../cpu.cfs_period_us')?.trim()} µs` : undefined
    },
  },
  // EACCES: not within the parent's; EINVAL on newer kernels; ERANGE, EINVAL: no such CPU.
  ...['EACCES', 'EINVAL', 'ERANGE'].map((code): Row => ({ code, file: /^cpuset\.(cpus|mems)$/, version: 1, hint: (probe) => above("it must be within the parent's", probe('../cpuset.cpus')?.trim(), `CPUs and memory nodes ${probe('../cpuset.mems')?.trim()}`) })),
  ...['EINVAL', 'ERANGE'].map((code): Row => ({ code, file: /^cpuset\.(cpus|mems)$/, version: 2, hint: (probe) => above('the machine or the parent offers CPUs', (probe('cpuset.cpus.effective') ?? probe('../cpuset.cpus.effective'))?.trim()) })),
  { code: 'EINVAL', file: /^cpu\.rt_/, version: 1, hint: (probe) => above("all groups at one level share their parent's budget of real-time µs:", probe('../cpu.rt_runtime_us')?.trim(), `in ${probe('../cpu.rt_period_us')?.trim()} µs`) },
  { code: 'ENODEV', file: /^(blkio|io)\./, hint: (_, value) => `${value.split(' ')[0]} is no whole disk of this machine: limits of partitions do not exist (lsblk -d)` },
  { code: 'ENODEV', file: /^rdma\.max$/, hint: (_, value) => `there is no RDMA device ${value.split(' ')[0]} (/sys/class/infiniband)` },
  { code: 'ENODEV', file: /^net_prio\./, hint: (_, value) => `there is no network interface ${value.split(' ')[0]} in this network namespace` },
  { code: 'EINVAL', file: /^devices\.(allow|deny)$/, version: 1, hint: (_, value) => (value === 'a' ? 'the group has children: only without any can all devices be allowed or refused' : undefined) },
  { code: 'EPERM', file: /^devices\.allow$/, version: 1, hint: (probe, value) => (probe('../devices.list')?.trim() !== 'a *:* rwm' ? `the parent does not allow ${value}, or this needs root` : undefined) },
  { code: 'EINVAL', file: /^misc\.max$/, hint: (_, value) => `the kernel does not count ${value.split(' ')[0]} on this machine (misc.capacity of the root group)` },
  { code: 'EOPNOTSUPP', file: /^(blkio|io)\./, hint: () => "the device's driver or scheduler has no such limit" },
  { code: 'EBUSY', file: /^cpuset\./, version: 1, hint: () => 'a child has CPUs or memory nodes outside the new list' },
  { code: 'ENOSPC', file: /^(tasks|cgroup\.procs)$/, version: 1, hint: (probe) => (probe('cpuset.cpus')?.trim() === '' || probe('cpuset.mems')?.trim() === '' ? 'cpuset.cpus or cpuset.mems is empty: no process can live here until both are set' : undefined) },
  { code: 'ESRCH', file: /./, hint: () => 'no such process in this PID namespace' },
  { code: 'EBUSY', file: /^cgroup\.(procs|threads)$/, version: 2, hint: (probe) => above('processes live in leaves only: this group gives its children', probe('cgroup.subtree_control')?.trim()) },
  { code: 'EBUSY', file: /^cgroup\.subtree_control$/, version: 2, hint: (probe) => above('processes live in leaves only: the group has member processes', members(probe('cgroup.procs'))) },
  { code: 'ENOENT', file: /^cgroup\.subtree_control$/, version: 2, hint: (probe) => above('its own parent enables only:', probe('cgroup.controllers')?.trim()) },
  { code: 'EOPNOTSUPP', file: /^cgroup\.threads$/, version: 2, hint: (probe) => (probe('cgroup.type')?.trim() === 'domain' ? 'the group is domain: a thread by itself can only be in a threaded group' : probe('cgroup.type')?.trim() === 'threaded' ? 'the process lives outside of the threaded subtree: join its domain first' : undefined) },
  { code: 'EOPNOTSUPP', file: /^cgroup\.procs$/, version: 2, hint: (probe) => (probe('cgroup.type')?.trim() === 'domain invalid' ? 'the group is domain invalid: a group beside it or above it is threaded, so it must be made threaded too (cgroup.type)' : undefined) },
  { code: 'EOPNOTSUPP', file: /^cgroup\.kill$/, version: 2, hint: () => 'threads do not die alone: kill the group in which their processes live' },
  { code: 'EOPNOTSUPP', file: /^cgroup\.type$/, version: 2, hint: (probe) => above('a group that gives its children more than threads can share cannot be above threads: the parent gives', probe('../cgroup.subtree_control')?.trim()) },
  { code: 'EOPNOTSUPP', file: /^cgroup\./, version: 2, hint: (probe) => above('the group is', probe('cgroup.type')?.trim()) },
  { code: 'EINVAL', file: /^(tasks|cgroup\.procs)$/, hint: () => 'a kernel thread, or a real-time process without a budget in this group, cannot be moved' },
  ...['EACCES', 'EPERM'].map((code): Row => ({ code, file: /./, hint: () => 'needs root, or a subtree that was delegated to this user' })),
  // The group went away between open(2) and write(2).
  { code: 'ENODEV', file: /./, hint: () => 'the group was removed meanwhile' },
  { code: 'EROFS', file: /./, hint: () => 'the cgroup filesystem is mounted read-only' },
]

function above(words: string, ...facts: (string | undefined)[]): string | undefined {
  return facts[0] ? [words, ...facts].join(' ') : undefined
}

function members(procs: string | undefined): string | undefined {
  const pids = procs?.trim().split('\n') ?? []
  return pids[0] ? `${pids.slice(0, 5).join(', ')}${pids.length > 5 ? ` and ${pids.length - 5} more` : ''}` : undefined
}

function bytes(text: string | undefined): string | undefined {
  if (text === undefined || !/^\d+$/.test(text.trim())) return undefined
  const value = Number(text)
  const [unit, scale] = value >= 2 ** 30 ? ['GiB', 2 ** 30] : value >= 2 ** 20 ? ['MiB', 2 ** 20] : ['KiB', 2 ** 10]
  return `${(value / Number(scale)).toFixed(1)} ${unit}`
}
