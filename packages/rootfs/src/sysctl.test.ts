import { check, explain } from '@ctr/syscall'
import { expect, test } from 'vitest'
import { sysctls, type SettingsNamespace } from './index.ts'

const proc = { fd: 'proc' }
const set = (key: string, value = '1', own: readonly SettingsNamespace[] = ['ipc', 'net', 'uts']) => sysctls({ proc, values: { [key]: value }, own })

test('a setting is one look-up that stays in the file system, and one write', () => {
  expect(explain(set('net.ipv4.ip_forward'), { why: false, open: { proc: 3 } })).toEqual([
    'openat2(3<proc>, "sys/net/ipv4/ip_forward", {flags=O_WRONLY|O_CLOEXEC, resolve=RESOLVE_NO_XDEV|RESOLVE_NO_MAGICLINKS|RESOLVE_BENEATH}, 24)', 'write(4<kernel file>, "1", 1)', 'close(4<kernel file>)'])
  expect(check(set('kernel.sem', '250 32000 100 128'), { proc: 3 })).toEqual([])
})

test('whichever of dot and slash comes first separates', () => {
  expect(set('net.ipv4.conf.eth0/1.forwarding')[0]!.args[1]).toBe('sys/net/ipv4/conf/eth0.1/forwarding')
  expect(set('net/ipv4/conf/eth0.1/forwarding')[0]!.args[1]).toBe('sys/net/ipv4/conf/eth0.1/forwarding')
})

// CVE-2022-0811
test.each(['kernel.core_pattern', 'kernel.sysrq', 'vm.swappiness', 'fs.file-max', 'user.max_user_namespaces', 'kernel.shmmax_', 'fs.mqueue'])('%s is the machine\'s', (key) => expect(() => set(key)).toThrow('Cannot set what belongs to the whole machine'))
test.each(['net.../kernel/core_pattern', 'net/../kernel/core_pattern', 'net//x', '', '.', 'net.', '/net/x'])('%j is no setting', (key) => expect(() => set(key)).toThrow('Cannot find the setting'))
test.each([['net.core.somaxconn', 'net'], ['kernel.msgmax', 'ipc'], ['kernel.hostname', 'uts']] as const)('%s needs an own %s namespace', (key, namespace) => {
  expect(set(key, '1', [namespace])).toHaveLength(3)
  expect(() => set(key, '1', (['ipc', 'net', 'uts'] as const).filter((each) => each !== namespace))).toThrow(`without an own ${namespace} namespace`)
})
test.each(['1\n2', 'a\0b'])('a value of more than one line: %j', (value) => expect(() => set('net.x.y', value)).toThrow('to more than one line'))
