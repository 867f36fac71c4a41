import { expect, test } from 'vitest'
import { text } from '../inside.ts'
import { containers } from './group.ts'
import { hasBusybox } from './oci.ts'

const { made } = containers()

// Two seconds here, and twenty in the guest.
test.skipIf(!hasBusybox)('as many mounts as are asked for', { timeout: 120_000 }, async () => {
  const count = 300
  const container = await made('grep -c " /data/v" /proc/self/mountinfo', (config) => {
    for (let i = 0; i < count; i++) config.mounts.push({ destination: `/data/v${i}`, type: 'bind', source: '/etc', options: ['rbind', 'ro'] })
  })
  await container.oci('start')
  expect(await text((await container.process).stdout)).toBe(`${count}\n`)
})
