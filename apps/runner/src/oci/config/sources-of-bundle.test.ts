import { expect, test } from 'vitest'
import { withSourcesOf } from './sources-of-bundle.ts'

test('what is bound is a path from the bundle on; other sources are words', () => {
  const mounts = [
    { destination: '/a', type: 'bind', source: 'data' }, { destination: '/b', source: '../other/./data/', options: ['rbind'] }, { destination: '/c', type: 'none', source: '/srv/../data', options: ['bind'] },
    { destination: '/proc', type: 'proc', source: 'proc' }, { destination: '/t', type: 'tmpfs' },
  ]
  expect(withSourcesOf('/b/one', { ociVersion: '1.2.0', mounts }).mounts!.map(({ source }) => source)).toEqual(['/b/one/data', '/b/other/data', '/data', 'proc', undefined])
  expect(withSourcesOf('/b/one', { ociVersion: '1.2.0' })).toEqual({ ociVersion: '1.2.0' })
})
