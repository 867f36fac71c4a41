import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { detect } from './layout.ts'

const v2 = '30 23 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate'
const hybrid = [
  '31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755',
  '32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw,relatime shared:9 master:2 - cgroup cgroup rw,cpu,cpuacct',
  '35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory',
  '40 31 0:37 / /sys/fs/cgroup/systemd rw,relatime - cgroup cgroup rw,xattr,release_agent=/x,name=systemd',
  '41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw',
].join('\n')
const memberships = '9:name=systemd:/user.slice\n4:memory:/a/b\n1:cpu,cpuacct:/\n0::/u\n'

describe('detect', () => {
  test('v2: one hierarchy, controllers from cgroup.controllers', () => {
    expect(detect({ mountinfo: v2, self: '0::/user.slice/a\n', controllers: '', unified: 'cpuset cpu io memory pids\n' })).toEqual({
      mode: 'v2',
      hierarchies: [{ version: 2, mountpoint: '/sys/fs/cgroup', root: '/', controllers: ['cpuset', 'cpu', 'io', 'memory', 'pids'], own: '/user.slice/a', readOnly: false, nsdelegate: true }],
      own: { unified: '/user.slice/a' },
      disabled: [],
    })
  })

  test('hybrid: co-mounted controllers, a named hierarchy, v2 beside them', () => {
    const layout = detect({ mountinfo: hybrid, self: memberships, controllers: '#subsys_name\thierarchy\tnum_cgroups\tenabled\ncpu\t1\t1\t1\nmemory\t4\t1\t0\n' })
    expect(layout.mode).toBe('hybrid')
    expect(layout.hierarchies.map(({ version, controllers }) => [version, ...controllers])).toEqual([[1, 'cpu', 'cpuacct'], [1, 'memory'], [1, 'name=systemd'], [2]])
    expect(layout.own).toEqual({ cpu: '/', cpuacct: '/', memory: '/a/b', 'name=systemd': '/user.slice', unified: '/u' })
    expect(layout.disabled).toEqual(['memory'])
  })

  test('v1: no v2 mount', () => {
    expect(detect({ mountinfo: hybrid.split('\n').slice(0, 4).join('\n'), self: memberships, controllers: '' }).mode).toBe('v1')
  })

  test('a bound root: paths are relative to what is visible', () => {
    const mountinfo = '90 82 0:26 /docker/3fc9 /sys/fs/cgroup/memory ro,nosuid - cgroup cgroup rw,memory'
    const own = (self: string) => detect({ mountinfo, self, controllers: '' }).own['memory']
    expect([own('4:memory:/docker/3fc9\n'), own('4:memory:/docker/3fc9/x\n'), own('4:memory:/docker/3fc99\n'), own('4:memory:/\n')]).toEqual(['/', '/x', null, null])
  })

  test('a mount from outside the cgroup namespace has a root of /.., and our place in it has no name', () => {
    expect(detect({ mountinfo: v2.replace(' / /sys', ' /../.. /sys'), self: '0::/\n', controllers: '' }).own).toEqual({ unified: null })
  })

  test('outside the namespace root: not visible', () => {
    expect(detect({ mountinfo: v2, self: '0::/../x\n', controllers: '' }).own).toEqual({ unified: null })
  })

  test('of two mounts of one hierarchy, the writable one wins; a hidden one never', () => {
    const inside = '99 80 0:26 / /var/lib/x/merged/sys/fs/cgroup ro - cgroup2 cgroup rw'
    expect(detect({ mountinfo: `${inside}\n${v2}`, self: '0::/\n', controllers: '' }).hierarchies.map((each) => each.mountpoint)).toEqual(['/sys/fs/cgroup'])
    const over = '50 30 0:26 /a /sys/fs/cgroup rw - cgroup2 cgroup2 rw'
    expect(detect({ mountinfo: `${v2}\n${over}`, self: '0::/a/b\n', controllers: '' }).hierarchies).toMatchObject([{ root: '/a', own: '/b' }])
  })

  test('spaces in a mountpoint', () => {
    expect(detect({ mountinfo: v2.replace('/sys/fs/cgroup', '/a\\040b\\134'), self: '0::/\n', controllers: '' }).hierarchies[0]!.mountpoint).toBe('/a b\\')
  })

  test('no cgroup filesystem is a RangeError, a line that is none a SyntaxError', () => {
    expect(() => detect({ mountinfo: '', self: '', controllers: '' })).toThrow(new RangeError('Cannot find a cgroup filesystem: none in mountinfo is of type cgroup or cgroup2'))
    expect(() => detect({ mountinfo: v2, self: 'x', controllers: '' })).toThrow('/proc/PID/cgroup line 1: not ID:CONTROLLERS:PATH: "x"')
  })
})

// Real machines; kept outside the repository.
const vectors = new URL('../../../../shared/vectors/elastic-cgroup/decoded/', import.meta.url)

describe.skipIf(!existsSync(vectors))(`captured machines${existsSync(vectors) ? '' : ': the vectors are not here'}`, () => {
  test.each([
    ['amzn2', 493239, 'v1', 11],
    ['ubuntu1804', 3757, 'hybrid', 13],
    // Its tree was assembled by hand from a v1 and a v2 machine.
    ['docker', 985, 'hybrid', 10],
    ['docker2', 2233801, 'v2', 1],
  ])('%s', (name, pid, mode, count) => {
    const file = (path: string) => readFileSync(new URL(`${name}/${name}/proc/${path}`, vectors), 'utf8')
    const layout = detect({ mountinfo: file('self/mountinfo'), self: file(`${pid}/cgroup`), controllers: file('cgroups') })
    expect([layout.mode, layout.hierarchies.length]).toEqual([mode, count])
  })
})
