import { parseCpuList } from '@ctr/cgroup'
import { text, where, type Shape } from './shape.ts'

/** Numbers in the List format of cpuset(7), `0-3,6`, where spaces may stand beside commas; empty text is no number. */
export function numberList(most: number): Shape<string> {
  return where(text, (value) => {
    try {
      return numbersOf(value).every((number) => number <= most)
    } catch {
      return false
    }
  }, `a list of numbers from 0 to ${most}, as 0-3,6`)
}

/** @throws SyntaxError it is no such list */
export const numbersOf = (list: string): number[] => parseCpuList(list.replace(/\s*,\s*/g, ','))
