import { expect, test } from 'vitest'
import { root, type Caller } from '../caller.ts'
import { parseConfig } from '../config/read-config.ts'
import { userNamespaceOf } from './user-namespace-of.ts'

const user: Caller = { uid: 1000, gid: 1000, privileged: false, inUserNamespace: false, setgroups: true }
const own = [{ containerID: 0, hostID: 1000, size: 1 }]
const wide = [...own, { containerID: 1, hostID: 100_000, size: 65_536 }]
const config = (map: object[] | undefined, namespaces: object[] = [{ type: 'user' }]) => parseConfig({
  ociVersion: '1.2.0', process: { cwd: '/', args: ['x'] }, root: { path: 'rootfs' }, linux: { namespaces: [{ type: 'mount' }, ...namespaces], ...(map ? { uidMappings: map, gidMappings: map } : {}) },
} as Parameters<typeof parseConfig>[0])

test('groups can be set by root, and by who has a range of them; not where they were denied above', () => {
  expect(userNamespaceOf(config(own), root)).toEqual({ setgroups: true, traceable: false })
  expect(userNamespaceOf(config(own), user)).toEqual({ setgroups: false, traceable: true })
  expect(userNamespaceOf(config(wide), user)).toEqual({ setgroups: true, traceable: true })
  expect(userNamespaceOf(config(undefined, []), { ...root, inUserNamespace: true, setgroups: false })).toEqual({ setgroups: false, traceable: false })
})

test('nobody is left to be looked at by others where they are in there already', () => {
  expect(userNamespaceOf(config(own, [{ type: 'user' }, { type: 'pid', path: '/proc/7/ns/pid' }]), user).traceable).toBe(false)
})

test('an ordinary user without a user namespace is told so', () => {
  expect(() => userNamespaceOf(config(undefined, []), user)).toThrow('linux.namespaces: user 1000 can make the other namespaces only within a user namespace')
})
