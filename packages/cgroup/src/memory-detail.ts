import { parseFlatKeyed } from './flat-keyed.ts'
import { defined } from './defined.ts'
import type { ReadFile } from './memory-stat.ts'

/** memory.stat of v2, by what this package calls it. @see Documentation/admin-guide/cgroup-v2.rst, memory.stat; mm/memcontrol.c memory_stats[] */
const names = {
  anonBytes: 'anon', fileBytes: 'file', kernelBytes: 'kernel', kernelStackBytes: 'kernel_stack', pageTableBytes: 'pagetables', secondaryPageTableBytes: 'sec_pagetables',
  perCpuBytes: 'percpu', socketBytes: 'sock', vmallocBytes: 'vmalloc', sharedBytes: 'shmem', zswapBytes: 'zswap', zswappedBytes: 'zswapped',
  mappedFileBytes: 'file_mapped', dirtyFileBytes: 'file_dirty', writebackFileBytes: 'file_writeback', swapCachedBytes: 'swapcached',
  anonHugeBytes: 'anon_thp', fileHugeBytes: 'file_thp', sharedHugeBytes: 'shmem_thp', hugetlbBytes: 'hugetlb',
  inactiveAnonBytes: 'inactive_anon', activeAnonBytes: 'active_anon', inactiveFileBytes: 'inactive_file', activeFileBytes: 'active_file', unevictableBytes: 'unevictable',
  slabReclaimableBytes: 'slab_reclaimable', slabUnreclaimableBytes: 'slab_unreclaimable', slabBytes: 'slab', swapBytes: 'swap',
  faults: 'pgfault', majorFaults: 'pgmajfault', pagesScanned: 'pgscan', pagesReclaimed: 'pgsteal', pagesRefilled: 'pgrefill', pagesActivated: 'pgactivate', pagesDeactivated: 'pgdeactivate',
  anonRefaults: 'workingset_refault_anon', fileRefaults: 'workingset_refault_file', anonActivations: 'workingset_activate_anon', fileActivations: 'workingset_activate_file',
  anonRestores: 'workingset_restore_anon', fileRestores: 'workingset_restore_file', hugeFaults: 'thp_fault_alloc', hugeCollapses: 'thp_collapse_alloc',
} as const

/** What v1 calls differently; `rss` is anonymous memory there, not RSS. @see Documentation/admin-guide/cgroup-v1/memory.rst, 5.2 */
const v1Names: Readonly<Partial<Record<keyof typeof names, string>>> = {
  anonBytes: 'rss', fileBytes: 'cache', anonHugeBytes: 'rss_huge', mappedFileBytes: 'mapped_file', dirtyFileBytes: 'dirty', writebackFileBytes: 'writeback',
}

/**
 * All of memory.stat, for the group and everything below it: bytes where the name says so, otherwise counts of events or pages since the
 * group was made. What this kernel does not tell is absent.
 */
export type MemoryDetail = { readonly [Name in keyof typeof names]?: number } & {
  /** v1: the least limit on the way up to the real root. null: none */
  readonly hierarchicalLimitBytes?: number | null
  /** Lines without a name of their own here, in the kernel's spelling and unit. */
  readonly other: Readonly<Record<string, number>>
}

/** @param read of the group's memory directory */
export function memoryDetail(version: 1 | 2, read: ReadFile): MemoryDetail | undefined {
  const text = read('memory.stat')
  if (text === undefined) return undefined
  const lines = parseFlatKeyed(text)
  const used = new Set<string>()
  const value = (name: keyof typeof names) => {
    const line = version === 1 ? `total_${v1Names[name] ?? names[name]}` : names[name]
    used.add(line)
    return lines[line]
  }
  const named = defined(Object.fromEntries(Object.keys(names).map((name) => [name, value(name as keyof typeof names)])))
  const least = lines['hierarchical_memory_limit']
  // v1's lines without total_ are those of the group alone.
  const other = Object.fromEntries(Object.entries(lines).filter(([line]) => !used.has(line) && line !== 'hierarchical_memory_limit'))
  return { ...named, ...(least === undefined ? {} : { hierarchicalLimitBytes: least >= 2 ** 63 - 2 ** 17 ? null : least }), other }
}
