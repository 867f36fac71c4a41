import { afterAll, afterEach, beforeAll, expect } from 'vitest'
import { OciBench } from './oci.ts'

/** Each test of the file has this one container, which is gone after it. @param use gets the bench before the first of them */
export function oneContainer(id: string, use: (bench: OciBench) => void): void {
  let bench: OciBench
  beforeAll(async () => use(bench = await OciBench.make()))
  afterEach(async () => {
    await bench.oci('delete', '--force', id)
    expect(bench.left()).toEqual([])
  })
  afterAll(() => bench.remove())
}
