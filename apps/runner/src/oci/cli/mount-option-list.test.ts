import { parseMountOptions } from '@ctr/rootfs'
import { expect, test } from 'vitest'
import { mountOptions } from './mount-option-list.ts'

// OCI runtime-spec config.md 1.3, Linux mount options: what has to be, should be, or may be there.
const specified = 'async atime bind defaults dev diratime dirsync exec iversion lazytime loud mand noatime nodev nodiratime noexec noiversion nolazytime nomand norelatime nostrictatime nosuid nosymfollow private ratime rbind rdev rdiratime relatime remount rexec rnoatime rnodiratime rnoexec rnorelatime rnostrictatime rnosuid rnosymfollow ro rprivate rrelatime rro rrw rshared rslave rstrictatime rsuid rsymfollow runbindable rw shared silent slave strictatime suid symfollow sync tmpcopyup unbindable idmap ridmap'.split(' ')

test('all options of the specification are there, in order, and none goes to the file system but what the kernel itself knows', () => {
  expect(mountOptions).toEqual(expect.arrayContaining(specified))
  expect([...mountOptions].sort()).toEqual(mountOptions)
  expect(mountOptions.flatMap((option) => parseMountOptions([option]).data)).toEqual(['dirsync', 'lazytime', 'mand', 'sync'])
})
