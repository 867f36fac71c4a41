import { CgroupError } from '../src/cgroup-error.ts'

/** The refusal of the kernel that something runs into. */
export function caught(run: () => void): CgroupError {
  try {
    run()
  } catch (error) {
    if (error instanceof CgroupError) return error
    throw error
  }
  throw new Error('the kernel accepted it')
}
