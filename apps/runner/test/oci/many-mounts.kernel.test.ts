import { Session } from 'node:inspector/promises'
import { assembleProgram } from '@ctr/launch'
import { expect, onTestFinished, test } from 'vitest'
import { ociPlan } from '../../src/oci/container.ts'
import { prepare } from '../../src/oci/lifecycle/prepare.ts'
import { text } from '../inside.ts'
import { containers } from './group.ts'
import { hasBusybox, type BundleConfig } from './oci.ts'

const { made, bundles } = containers()

const binds = (count: number) => (config: BundleConfig) => {
  for (let i = 0; i < count; i++) config.mounts.push({ destination: `/data/v${i}`, type: 'bind', source: '/etc', options: ['rbind', 'ro'] })
}

// Two seconds here, and twenty in the guest.
test.skipIf(!hasBusybox)('as many mounts as are asked for', { timeout: 120_000 }, async () => {
  const count = 300
  const container = await made('grep -c " /data/v" /proc/self/mountinfo', binds(count))
  await container.oci('start')
  expect(await text((await container.process).stdout)).toBe(`${count}\n`)
})

// Two seconds here. It would take thirty in the guest, whose kernel has no part in it.
test.skipIf(!hasBusybox || process.env['CTR_GUEST'] !== undefined)('twice as many are twice the work, in calls and in what we execute for them', { timeout: 120_000 }, async () => {
  const [few, many] = [400, 800].map((count) => bundles().bundle('true', binds(count)))
  const written = (bundle: string) => {
    const plan = ociPlan(prepare({ id: 'many', bundle }).container)
    return { calls: plan.program.length, bytes: assembleProgram(plan, 'x64').length }
  }
  // V8 counts how often every block of every function is executed: that is the same however busy the machine is.
  const session = new Session()
  session.connect()
  onTestFinished(() => session.disconnect())
  await session.post('Profiler.enable')
  await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true })
  const measured = async (bundle: string) => {
    await session.post('Profiler.takePreciseCoverage')
    const what = written(bundle)
    const { result } = await session.post('Profiler.takePreciseCoverage')
    return { ...what, executed: result.flatMap(({ functions }) => functions).flatMap(({ ranges }) => ranges).reduce((sum, { count }) => sum + count, 0) }
  }
  await measured(few!)
  const [one, two] = [await measured(few!), await measured(many!)]
  expect(two.calls - one.calls).toBe(400 * 10)
  expect(two.executed / one.executed).toBeLessThan(2.05)
  expect(two.bytes / one.bytes).toBeLessThan(2.05)
})
