import { sys, type Program } from '@ctr/syscall'
import { privatePropagation } from '../src/index.ts'
import { scratchDirectories } from './scratch.ts'

/**
 * In this mount namespace the whole host is read-only but the scratch directories. What is tested here tries to break out as root: if
 * it ever succeeds, it must fail with EROFS, and not write to the machine that runs the test.
 */
export function protect(): Program {
  const tops = scratchDirectories()
  return [
    ...privatePropagation(),
    ...tops.map((top, i) => sys.open_tree('AT_FDCWD', top, ['OPEN_TREE_CLONE', 'OPEN_TREE_CLOEXEC'], { as: `scratch ${i}`, why: 'the test writes here' })),
    sys.mount_setattr('AT_FDCWD', '/', ['AT_RECURSIVE'], { attr_set: ['MOUNT_ATTR_RDONLY'] }, 'a test that fails must not harm the machine'),
    ...tops.flatMap((top, i) => [
      sys.move_mount({ fd: `scratch ${i}` }, '', 'AT_FDCWD', top, ['MOVE_MOUNT_F_EMPTY_PATH'], 'the test writes here'),
      sys.close({ fd: `scratch ${i}` }, 'the mount keeps its place without a descriptor'),
    ]),
  ]
}
