import { CgroupError } from './cgroup-error.ts'
import type { Layout } from './layout.ts'

/** @throws CgroupError ENOENT no hierarchy has the controller */
export function versionOf(layout: Layout, controller: string): 1 | 2 {
  const hierarchy = layout.hierarchies.find((each) => each.controllers.includes(controller))
  if (hierarchy) return hierarchy.version
  throw new CgroupError({
    code: 'ENOENT',
    syscall: 'open',
    action: `limit ${controller}`,
    hint: layout.disabled.includes(controller)
      ? `the kernel was started with cgroup_disable=${controller}`
      : layout.mode === 'v2'
        ? `the visible cgroup root does not offer the ${controller} controller (its cgroup.controllers)`
        : `no mounted hierarchy has the ${controller} controller`,
  })
}

/** @throws TypeError, RangeError quoting the value */
export function checkInteger(file: string, value: unknown, min: number, max: number, orMax = true): void {
  if (orMax && value === 'max') return
  if (typeof value !== 'number') throw new TypeError(`Cannot set ${file} to ${show(value)}: not a number${orMax ? " or 'max'" : ''}`)
  if (!Number.isSafeInteger(value) || value < min || value > max) {
    throw new RangeError(`Cannot set ${file} to ${value}: not a whole number from ${min} to ${max}${orMax ? " or 'max'" : ''}`)
  }
}

export function show(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value) : String(value)
}
