import { explain } from '@ctr/syscall'
import { expect, test } from 'vitest'
import { apparmor } from './apparmor.ts'
import { mountLabel, selinux } from './selinux.ts'

const [here, nowhere] = [{ seLinux: true, appArmor: true }, { seLinux: false, appArmor: false }]
const label = 'system_u:system_r:container_t:s0:c124,c675'

test('a label for the command, and for the keyring that it gets', () => {
  const lines = (newKeyring: boolean) => explain(selinux(label, here, 'x', { newKeyring }), { why: false, names: false })
  const chosen = (attribute: string) => [`openat(AT_FDCWD, "/proc/self/attr/${attribute}", O_WRONLY|O_CLOEXEC)`, `write(3, "${label}", 42)`, 'close(3)']
  expect(lines(false)).toEqual(chosen('exec'))
  expect(lines(true)).toEqual([...chosen('exec'), ...chosen('keycreate')])
})

test('a part of a label is an error, and a label of which nothing would come as well', () => {
  expect(selinux(label, here, 'x', { newKeyring: false })[1]!.returns).toBe(42)
  expect(() => selinux(label, nowhere, 'process.selinuxLabel', { newKeyring: false })).toThrow(`process.selinuxLabel: "${label}" would be no protection`)
  expect(() => mountLabel(label, nowhere)).toThrow(`linux.mountLabel: "${label}" would be no protection`)
})

test('no label, or an empty one, asks for nothing', () => {
  for (const each of [undefined, '']) expect([selinux(each, nowhere, 'x', { newKeyring: true }), mountLabel(each, nowhere)]).toEqual([[], {}])
  expect(mountLabel(label, here)).toEqual({ mountLabel: label })
})

test('a profile of AppArmor is chosen in another file: both can be', () => {
  const files = [...apparmor('profile', here, 'x'), ...selinux(label, here, 'x', { newKeyring: false })].filter(({ name }) => name === 'openat').map(({ args }) => args[1])
  expect(files).toEqual(['/proc/self/attr/apparmor/exec', '/proc/self/attr/exec'])
})
