import type { Layout } from './layout.ts'
import { checkInteger, show, versionOf } from './limit-value.ts'
import type { Limits, LimitWrite } from './limits.ts'

/** Handles and objects of one RDMA device; `'max'` takes a limit away. */
export interface RdmaDeviceLimits {
  readonly handles?: number | 'max'
  readonly objects?: number | 'max'
}

/** What is counted by name: huge pages, RDMA devices, and the kernel's miscellaneous resources. @see cgroup-v2.rst, "HugeTLB", "RDMA", "Misc"; cgroup-v1/hugetlb.rst */
export function resourceWrites(layout: Layout, { hugetlbBytes, hugetlbReservedBytes, rdma, misc }: Limits): LimitWrite[] {
  return [
    ...hugetlb(layout, hugetlbBytes, ''),
    ...hugetlb(layout, hugetlbReservedBytes, 'rsvd.'),
    ...entries('rdma', rdma).map(([device, limits]) => {
      versionOf(layout, 'rdma')
      name('rdma.max', device)
      if (typeof limits !== 'object' || limits === null) throw new TypeError(`Cannot set rdma.max of ${device} to ${show(limits)}: not { handles, objects }`)
      const { handles, objects } = limits
      for (const value of [handles, objects]) if (value !== undefined) checkInteger(`rdma.max of ${device}`, value, 0, 2 ** 31 - 1)
      const given = [...(handles === undefined ? [] : [`hca_handle=${handles}`]), ...(objects === undefined ? [] : [`hca_object=${objects}`])]
      if (given.length === 0) throw new TypeError(`Cannot set rdma.max of ${device}: neither handles nor objects is given`)
      return { controller: 'rdma', file: 'rdma.max', value: [device, ...given].join(' ') }
    }),
    ...entries('misc', misc).map(([resource, value]) => {
      versionOf(layout, 'misc')
      name('misc.max', resource)
      checkInteger(`misc.max of ${resource}`, value, 0, Number.MAX_SAFE_INTEGER)
      return { controller: 'misc', file: 'misc.max', value: `${resource} ${value}` }
    }),
  ]
}

function hugetlb(layout: Layout, sizes: Limits['hugetlbBytes'], part: string): LimitWrite[] {
  return entries('hugetlb', sizes).map(([size, value]) => {
    if (!/^[1-9]\d{0,3}(KB|MB|GB)$/.test(size)) throw new RangeError(`Cannot limit huge pages of ${JSON.stringify(size)}: not a size like 2MB or 1GB`)
    const version = versionOf(layout, 'hugetlb')
    const file = `hugetlb.${size}.${part}${version === 1 ? 'limit_in_bytes' : 'max'}`
    checkInteger(file, value, 0, Number.MAX_SAFE_INTEGER)
    return { controller: 'hugetlb', file, value: value === 'max' && version === 1 ? '-1' : String(value) }
  })
}

function entries<T>(what: string, given: Readonly<Record<string, T>> | undefined): [string, T][] {
  if (given === undefined) return []
  if (typeof given !== 'object' || given === null || Array.isArray(given)) throw new TypeError(`Cannot set ${what} to ${show(given)}: not an object of names and limits`)
  return Object.entries(given)
}

function name(file: string, text: string): void {
  if (!/^[\w.:-]{1,64}$/.test(text)) throw new RangeError(`Cannot set ${file} of ${JSON.stringify(text)}: not a name`)
}
