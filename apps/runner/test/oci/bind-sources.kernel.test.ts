import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { explain } from '@ctr/syscall'
import { expect, test } from 'vitest'
import { ociPlan } from '../../src/oci/container.ts'
import { prepare } from '../../src/oci/lifecycle/prepare.ts'
import { text } from '../inside.ts'
import { containers } from './group.ts'
import { hasBusybox } from './oci.ts'

const { made, bundles } = containers()

// A second here, and three in the guest.
test.skipIf(!hasBusybox)('sources that are not absolute are in the bundle, and not where we are', async () => {
  // There is one here as well, which nobody is to see.
  const name = 'package.json'
  expect(existsSync(name)).toBe(true)
  const script = `cat /one /data/${name} /linked; readlink /data/link`
  const bundle = bundles().bundle(script, (config) => {
    for (const [destination, source] of [['/one', name], ['/data', './data/../data'], ['/linked', 'data/link']] as const) config.mounts.push({ destination, source, type: 'bind', options: ['bind', 'ro'] })
    // What is masked is found in what is bound.
    config.linux['maskedPaths'] = [`/data/${name}`]
  })
  mkdirSync(join(bundle, 'data'))
  for (const [path, contents] of [[name, 'one\n'], [`data/${name}`, 'masked\n'], ['../beside', 'linked\n']] as const) writeFileSync(join(bundle, path), contents)
  symlinkSync('../../beside', join(bundle, 'data/link'))

  const container = await made(script, () => {}, { bundle })
  await container.oci('start')
  expect(await text((await container.process).stdout)).toBe('one\nlinked\n../../beside\n')
  expect(explain(ociPlan(prepare({ id: 'x', bundle }).container).program).join('\n')).toContain(`open_tree(AT_FDCWD, "${bundle}/data", `)
  expect(() => prepare({ id: 'x', bundle: bundles().bundle(script, ({ mounts }) => mounts.push({ destination: '/one', source: 'nowhere', type: 'bind', options: [] })) })).toThrow(/^mounts\[4\]\.source: \/.*\/nowhere: no such file or directory$/)
})
