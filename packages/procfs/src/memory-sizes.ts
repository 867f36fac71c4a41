import { integer } from './integer.ts'
import { type Place, ProcParseError } from './proc-parse-error.ts'

/** How much memory there is, by kind: behind one mapping (smaps), or behind all of a process (smaps_rollup). */
export interface MemorySizes {
  readonly rssBytes: number
  /** A page that n processes map counts as its nth part: sums over processes make sense. */
  readonly pssBytes: number
  /** The part of pssBytes that is of pages written to. */
  readonly pssDirtyBytes?: number
  readonly sharedCleanBytes?: number
  readonly sharedDirtyBytes?: number
  readonly privateCleanBytes?: number
  readonly privateDirtyBytes?: number
  readonly referencedBytes?: number
  readonly anonymousBytes?: number
  readonly ksmBytes?: number
  readonly lazyFreeBytes?: number
  readonly anonHugePagesBytes?: number
  readonly shmemPmdMappedBytes?: number
  readonly filePmdMappedBytes?: number
  readonly sharedHugetlbBytes?: number
  readonly privateHugetlbBytes?: number
  readonly swapBytes?: number
  readonly swapPssBytes?: number
  readonly lockedBytes?: number
}

// In the kernel's order: fs/proc/task_mmu.c, __show_smap().
export const MEMORY_SIZES: readonly (readonly [kernelName: string, property: keyof MemorySizes])[] = [
  ['Rss', 'rssBytes'],
  ['Pss', 'pssBytes'],
  ['Pss_Dirty', 'pssDirtyBytes'],
  ['Shared_Clean', 'sharedCleanBytes'],
  ['Shared_Dirty', 'sharedDirtyBytes'],
  ['Private_Clean', 'privateCleanBytes'],
  ['Private_Dirty', 'privateDirtyBytes'],
  ['Referenced', 'referencedBytes'],
  ['Anonymous', 'anonymousBytes'],
  ['KSM', 'ksmBytes'],
  ['LazyFree', 'lazyFreeBytes'],
  ['AnonHugePages', 'anonHugePagesBytes'],
  ['ShmemPmdMapped', 'shmemPmdMappedBytes'],
  ['FilePmdMapped', 'filePmdMappedBytes'],
  ['Shared_Hugetlb', 'sharedHugetlbBytes'],
  ['Private_Hugetlb', 'privateHugetlbBytes'],
  ['Swap', 'swapBytes'],
  ['SwapPss', 'swapPssBytes'],
  ['Locked', 'lockedBytes'],
]

const KIB = 1024

/** The bytes of `4 kB`. */
export function sizeBytes(value: string, place: Place): number {
  if (!value.endsWith(' kB')) throw new ProcParseError(place, 'a size in kB')
  return integer(value.slice(0, -3), place) * KIB
}
