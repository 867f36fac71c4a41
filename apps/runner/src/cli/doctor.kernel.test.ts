import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { cgroups } from '@ctr/cgroup'
import { ctrun } from '../../test/ctrun.ts'
import type { Finding } from './doctor/finding.ts'

// One command; two seconds in the guest.
test('doctor says of this machine what the machine says', async () => {
  const { code, stdout, stderr } = await ctrun(['doctor', '--json'])
  const findings = new Map(stdout.trim().split('\n').map((line) => JSON.parse(line) as Finding & { v: number }).map((each) => [each.name, each]))
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  const works = (...command: [string, ...string[]]) => spawnSync(command[0], command.slice(1)).status === 0
  expect(findings.get('user namespaces')!.verdict === 'yes').toBe(works('unshare', '--user', 'true'))
  expect(findings.get('overlay')!.verdict === 'yes').toBe(works('unshare', '--mount', '--propagation', 'private', 'sh', '-c', 'mount -t tmpfs none /mnt && mkdir /mnt/u /mnt/w && mount -t overlay -o lowerdir=/etc,upperdir=/mnt/u,workdir=/mnt/w none /mnt'))
  expect(findings.get('cgroup')!.verdict === 'yes').toBe(cgroups().mode === 'v2')
  expect(findings.get('privilege')).toMatchObject({ v: 1, verdict: 'yes', needed: false })
  expect([...findings.values()].every(({ verdict, fix }) => verdict !== 'yes' || fix === undefined)).toBe(true)
})
