import { describe, expect, test } from 'vitest'
import { systemdAddresses } from './address.ts'
import { unitOf } from './unit.ts'

const machine = { user: false, controlGroup: '/' }

describe('the unit of a cgroupsPath', () => {
  test.each([
    ['system.slice:docker:3f2a', 'docker-3f2a.scope', 'system.slice', '/system.slice/docker-3f2a.scope'],
    ['machine.slice:libpod:3f2a', 'libpod-3f2a.scope', 'machine.slice', '/machine.slice/libpod-3f2a.scope'],
    ['kubepods-besteffort-pod1.slice:cri-containerd:9', 'cri-containerd-9.scope', 'kubepods-besteffort-pod1.slice', '/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod1.slice/cri-containerd-9.scope'],
    ['-.slice:p:n', 'p-n.scope', '-.slice', '/p-n.scope'],
    [':p:n', 'p-n.scope', 'system.slice', '/system.slice/p-n.scope'],
    ['::n', '-n.scope', 'system.slice', '/system.slice/-n.scope'],
    ['', 'runc-one.scope', 'system.slice', '/system.slice/runc-one.scope'],
    [undefined, 'runc-one.scope', 'system.slice', '/system.slice/runc-one.scope'],
  ])('%j', (text, name, slice, path) => expect(unitOf(text, 'one', machine)).toEqual({ name, slice, path }))

  test('of a user: below the group of its manager', () => {
    const controlGroup = '/user.slice/user-1000.slice/user@1000.service'
    expect(unitOf(':libpod:n', 'one', { user: true, controlGroup })).toEqual({ name: 'libpod-n.scope', slice: 'user.slice', path: `${controlGroup}/user.slice/libpod-n.scope` })
  })

  test.each([
    ['/docker/3f2a', 'linux.cgroupsPath: expected cgroupsPath to be of format "slice:prefix:name" for systemd cgroups, got "/docker/3f2a" instead'],
    ['a.slice:b', 'expected cgroupsPath to be of format'], ['a.slice:b:c:d', 'expected cgroupsPath to be of format'],
    ['a/b.slice:p:n', 'linux.cgroupsPath: "a/b.slice" is no name of a unit'], ['a--b.slice:p:n', '"a--b.slice" is no name of a slice'], ['a.scope:p:n', '"a.scope" is no name of a slice'],
    ['a.slice:p:../../n', '"p-../../n.scope" is no name of a unit'], ['a.slice:p:b.slice', '"b.slice" is a slice'],
  ])('%j is none', (text, problem) => expect(() => unitOf(text, 'one', machine)).toThrow(problem))
})

test('where systemd is looked for', () => {
  expect(systemdAddresses({ user: false }, { DBUS_SESSION_BUS_ADDRESS: 'unix:path=/x' }, 0)).toEqual([{ path: '/run/systemd/private', bus: false }, { path: '/run/dbus/system_bus_socket', bus: true }])
  expect(systemdAddresses({ user: true }, {}, 1000)).toEqual([{ path: '/run/user/1000/systemd/private', bus: false }, { path: '/run/user/1000/bus', bus: true }])
  expect(systemdAddresses({ user: true }, { XDG_RUNTIME_DIR: '/r', DBUS_SESSION_BUS_ADDRESS: 'tcp:host=x;unix:guid=1,path=/a%20b;unix:abstract=/tmp/c' }, 0).slice(1)).toEqual([{ path: '/a b', bus: true }, { path: '\0/tmp/c', bus: true }])
})
