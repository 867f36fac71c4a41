import { expect, it } from 'vitest'
import { unsupported } from './setup.mjs'

it.each([
  ['linux', '20.19.0', undefined],
  ['linux', '26.10.0', undefined],
  ['linux', '20.18.3', 'Node 20.18.3 is too old: version 20.19 or newer is needed.'],
  ['linux', '18.20.0', 'Node 18.20.0 is too old: version 20.19 or newer is needed.'],
  ['darwin', '24.0.0', 'Containers are made by the Linux kernel, and this is darwin: run this on Linux.'],
])('%s, Node %s', (platform, version, sentence) => expect(unsupported(platform, version)).toBe(sentence))
