import { expect, test } from 'vitest'
import { caller } from './caller.ts'
import { leavesNothing } from './inside.ts'
import { containers, limit, mayRaiseLimits } from './passed-on.ts'

test.skipIf(!mayRaiseLimits)('a hard limit that is lowered is raised again (only with CAP_SYS_RESOURCE)', async () => {
  const views = JSON.parse(await caller(containers('{}'), { shell: 'ulimit -n 600; ulimit -c 0; ulimit -s 4096' })) as string[]
  for (const view of views) {
    expect(limit(view, 'Max open files')).toEqual(['1024', '524288'])
    expect(limit(view, 'Max core file size')).toEqual(['0', 'unlimited'])
    expect(limit(view, 'Max stack size')).toEqual(['8388608', 'unlimited'])
  }
})

test.skipIf(mayRaiseLimits)('a hard limit that is lowered stays where it is (only without CAP_SYS_RESOURCE)', async () => {
  const views = JSON.parse(await caller(containers('{}'), { shell: 'ulimit -n 600; ulimit -c 0; ulimit -s 4096' })) as string[]
  for (const view of views) {
    expect(limit(view, 'Max open files')).toEqual(['600', '600'])
    expect(limit(view, 'Max core file size')).toEqual(['0', '0'])
    expect(limit(view, 'Max stack size')).toEqual(['4194304', '4194304'])
  }
})

leavesNothing()
