import { expect, test } from 'vitest'
import { externalFiles, inherited } from './descriptors.ts'

test('pipes and files of the caller are the restorer\'s; what is the container\'s own is its own', () => {
  const names = ['file[1d:5] /dev/null', 'pipe:[99]', 'file[1d:a0] /var/log/out file']
  expect(externalFiles(names)).toEqual(['file[1d:5]', 'file[1d:a0]'])
  expect(inherited(names)).toEqual([{ fd: 0, key: 'file[1d:5]', nowhere: true }, { fd: 1, key: 'pipe:[99]', nowhere: false }, { fd: 2, key: 'file[1d:a0]', nowhere: false }])
  // As runc writes them.
  expect(inherited(['/dev/null', 'pipe:[9980]', 'pipe:[9980]'])).toEqual([{ fd: 1, key: 'pipe:[9980]', nowhere: false }, { fd: 2, key: 'pipe:[9980]', nowhere: false }])
  expect([externalFiles(['', '/dev/pts/0', 'socket:[1]']), inherited(['', '/dev/pts/0', 'socket:[1]'])]).toEqual([[], []])
})
