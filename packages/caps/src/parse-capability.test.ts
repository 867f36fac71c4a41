import { expect, test } from 'vitest'
import { capabilities, parseCapability } from './index.ts'

test.each(['net_admin', 'NET_ADMIN', 'CAP_NET_ADMIN', 'cap_net_admin', 'Cap_Net_Admin'])('%s', (text) => expect(parseCapability(text)).toBe('CAP_NET_ADMIN'))

test.each(['ALL', 'all', 'CAP_ALL'])('%s stands for all', (text) => expect(parseCapability(text)).toBe('ALL'))

test('every name is itself', () => {
  for (const name of capabilities) expect(parseCapability(name.slice(4).toLowerCase())).toBe(name)
})

test.each([
  ['net_admn', 'There is no capability "net_admn": did you mean CAP_NET_ADMIN?'],
  ['SYSADMIN', 'There is no capability "SYSADMIN": did you mean CAP_SYS_ADMIN?'],
  ['chwon', 'There is no capability "chwon": did you mean CAP_CHOWN?'],
  ['everything', 'There is no capability "everything"'],
  ['', 'There is no capability ""'],
  ['CAP_', 'There is no capability "CAP_"'],
])('refuses %j and names the nearest', (text, message) => expect(() => parseCapability(text)).toThrow(new TypeError(message)))
