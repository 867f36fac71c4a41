import { describe, expect, test } from 'vitest'
import { fixture, hasVectors, prometheus } from '../fixtures/fixture.ts'
import { notation, wordsAddress } from './address.ts'
import { parseArp } from './arp.ts'
import { parseNetSnmp, parseNetSnmp6, parseSockstat } from './counters.ts'
import { parseNetDev } from './dev.ts'
import { parseIfInet6 } from './if_inet6.ts'
import { parseInetSockets } from './inet-socket.ts'
import { parseNetlinkSockets } from './netlink.ts'
import { parsePacketSockets } from './packet.ts'
import { parseNetProtocols } from './protocols.ts'
import { parseIpv6Route, parseNetRoute } from './route.ts'
import { parseSoftnetStat } from './softnet_stat.ts'
import { parseUnixSockets } from './unix.ts'

const place = { file: 'x', line: 1, text: '' }
const TCP_HEADING = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n'

describe('addresses', () => {
  test('words in the byte order of either kind of machine', () => {
    expect(wordsAddress('0100007F', place, 'LE')).toBe('127.0.0.1')
    expect(wordsAddress('7F000001', place, 'BE')).toBe('127.0.0.1')
    expect(wordsAddress('B80D0120000000000000000001000000', place, 'LE')).toBe('2001:db8::1')
    expect(wordsAddress('20010DB8000000000000000000000001', place, 'BE')).toBe('2001:db8::1')
    expect(wordsAddress('0000000000000000FFFF00000100000A', place, 'LE')).toBe('::ffff:10.0.0.1')
    for (const text of [undefined, '', '0100007', '0100007F0', 'g100007F']) expect(() => wordsAddress(text, place, 'LE')).toThrow('8 or 32')
  })

  // RFC 5952 section 4.2 and 4.3.
  test.each([
    ['00000000000000000000000000000000', '::'],
    ['00000000000000000000000000000001', '::1'],
    ['20010db8000000000001000000000001', '2001:db8::1:0:0:1'],
    ['20010db8000000010001000100010001', '2001:db8:0:1:1:1:1:1'],
    ['20010000000000010000000000000001', '2001:0:0:1::1'],
    ['00010000000000000000000000000000', '1::'],
    ['abcd0001000200030004000500060007', 'abcd:1:2:3:4:5:6:7'],
  ])('%s is %s', (hex, address) => {
    expect(notation(hex.match(/../g)!.map((byte) => Number.parseInt(byte, 16)))).toBe(address)
  })
})

describe('IP sockets', () => {
  test('captured: a listener and both ends of a connection to it', () => {
    const [listener, client, server] = parseInetSockets(fixture('net/tcp'))
    expect(listener).toEqual({
      slot: 0, local: { address: '127.0.0.1', port: 8080 }, remote: { address: '0.0.0.0', port: 0 }, state: 'listen', txQueueBytes: 0, rxQueueBytes: 0,
      timer: 'off', timerTicks: 0, retransmits: 0, uid: 0, probes: 0, inode: 648460n, references: 1, tcp: { rtoTicks: 100, atoTicks: 0, cwnd: 10, ssthresh: 0 },
    })
    expect(client).toMatchObject({ remote: server!.local, local: server!.remote, state: 'established', tcp: { rtoTicks: 20, cwnd: 10 } })
    expect(client!.tcp).not.toHaveProperty('ssthresh')
    expect(parseInetSockets(fixture('net/tcp6'))).toMatchObject([{ local: { address: '::', port: 8081 }, state: 'listen' }])
    expect(parseInetSockets(fixture('net/udp6'))).toMatchObject([{ local: { address: '::1', port: 5353 }, state: 'close', drops: 0 }])
    expect(parseInetSockets(fixture('net/raw'))).toEqual([])
  })

  test('a connection in time_wait, and numbers that are not known', () => {
    const row = (state: string, timer: string) => `${TCP_HEADING}   1: 020200C0:97F8 507100CB:0050 ${state} 0000000A:00000005 ${timer}:0000041D 00000003     0        7 0 3 00000000495b4c74\n`
    expect(parseInetSockets(row('06', '03'))[0]).toEqual({
      slot: 1, local: { address: '192.0.2.2', port: 38904 }, remote: { address: '203.0.113.80', port: 80 }, state: 'time_wait', txQueueBytes: 10, rxQueueBytes: 5,
      timer: 'time_wait', timerTicks: 0x41d, retransmits: 3, uid: 0, probes: 7, inode: 0n, references: 3,
    })
    expect(parseInetSockets(row('1F', '09'))[0]).toMatchObject({ state: 'state_31', timer: 'timer_9' })
  })

  test('what is none names the line', () => {
    expect(() => parseInetSockets('')).toThrow('net/tcp line 1: expected a heading that begins with "sl"')
    expect(() => parseInetSockets(`${TCP_HEADING}   0: 0100007F:1F90\n`, 'net/udp')).toThrow('net/udp line 2: expected the twelve columns')
    expect(() => parseInetSockets(fixture('net/tcp').replace('0100007F:1F90', '0100007F1F90'))).toThrow('a colon between')
    expect(() => parseInetSockets(fixture('net/tcp').replace('   0:', '   0 '))).toThrow('a slot and a colon')
  })
})

describe('Unix sockets', () => {
  test('captured: a path with a blank, an abstract name', () => {
    const [path, abstract] = parseUnixSockets(fixture('net/unix'))
    expect(path).toEqual({ references: 2, protocol: 0, listening: true, type: 'stream', state: 'unconnected', inode: 648464n, path: '/run/a b.sock' })
    expect(abstract!.path).toMatch(/^@abstract@+$/)
  })

  test('a newline in a path, an unbound socket, numbers that are not known', () => {
    const heading = 'Num       RefCount Protocol Flags    Type St Inode Path\n'
    const row = (rest: string) => `0000000000000000: 00000002 00000000 00000000 ${rest}\n`
    expect(parseUnixSockets(`${heading}${row('0001 03 7')}${row('0005 01 8 /a\n\nb c')}${row('0009 09  9')}`)).toEqual([
      { references: 2, protocol: 0, listening: false, type: 'stream', state: 'connected', inode: 7n },
      { references: 2, protocol: 0, listening: false, type: 'seqpacket', state: 'unconnected', inode: 8n, path: '/a\n\nb c' },
      { references: 2, protocol: 0, listening: false, type: 'type_9', state: 'state_9', inode: 9n },
    ])
    expect(() => parseUnixSockets(`${heading}nothing\n`)).toThrow('line 2: expected the columns')
    expect(() => parseUnixSockets(`${heading}${row('0001 03 7')}nothing\n`)).toThrow('line 3: expected the columns')
    expect(() => parseUnixSockets('')).toThrow('"Num"')
  })
})

test('interfaces, and an alias of an old kernel', () => {
  const devices = parseNetDev(fixture('net/dev'))
  expect(devices.map(({ name }) => name)).toContain('lo')
  expect(devices.find(({ name }) => name === 'lo')!.receive.bytes).toBeGreaterThan(0)
  const heading = fixture('net/dev').split('\n').slice(0, 2).join('\n')
  expect(parseNetDev(`${heading}\n  eth0:1: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 18446744073709551615\n`)).toEqual([{
    name: 'eth0:1',
    receive: { bytes: 1, packets: 2, errors: 3, dropped: 4, fifo: 5, frame: 6, compressed: 7, multicast: 8 },
    transmit: { bytes: 9, packets: 10, errors: 11, dropped: 12, fifo: 13, collisions: 14, carrier: 15, compressed: 2 ** 64 },
  }])
  expect(() => parseNetDev(`${heading}\n lo: 1 2 3\n`)).toThrow('line 3: expected interface: and sixteen counters')
  expect(() => parseNetDev('')).toThrow('two headings')
  expect(() => parseNetDev('Inter-| x\n')).toThrow('two headings')
})

test('counters', () => {
  expect(parseNetSnmp(fixture('net/snmp')).Tcp).toMatchObject({ MaxConn: -1, ActiveOpens: 1, PassiveOpens: 1, CurrEstab: 2 })
  expect(Object.keys(parseNetSnmp(fixture('net/netstat')))).toEqual(['TcpExt', 'IpExt', 'MPTcpExt'])
  expect(parseNetSnmp6(fixture('net/snmp6'))).toHaveProperty('Ip6InReceives')
  expect(parseSockstat(fixture('net/sockstat')).TCP).toMatchObject({ inuse: 3, memPages: expect.any(Number) })
  expect(parseSockstat(fixture('net/sockstat')).FRAG).toEqual(Object.assign(Object.create(null), { inuse: 0, memoryBytes: 0 }))
  expect(parseSockstat(fixture('net/sockstat6')).TCP6).toHaveProperty('inuse', 1)
  expect(() => parseNetSnmp('Ip: A B\n')).toThrow('a line of values')
  expect(() => parseNetSnmp('Ip: A B\nIp: 1\n')).toThrow('line 2: expected the values of Ip')
  expect(() => parseNetSnmp('Ip: A\nTcp: 1\n')).toThrow('the values of Ip')
  expect(() => parseSockstat('TCP: inuse 32 orphan\n')).toThrow('a decimal integer')
  expect(() => parseNetSnmp6('A x\n')).toThrow('a name and a value')
  // A counter called as a property of every object is one all the same.
  expect(Object.keys(parseNetSnmp('__proto__: constructor\n__proto__: 1\n'))).toEqual(['__proto__'])
})

test('protocols', () => {
  const protocols = parseNetProtocols(fixture('net/protocols'))
  expect(protocols.find(({ name }) => name === 'TCP')).toMatchObject({ memoryPressure: false, slab: true, module: 'kernel' })
  expect(protocols.find(({ name }) => name === 'TCP')!.operations).toContain('ac')
  expect(protocols.find(({ name }) => name === 'PACKET')).toMatchObject({ operations: [] })
  expect(protocols.find(({ name }) => name === 'PACKET')).not.toHaveProperty('memoryPages')
  expect(() => parseNetProtocols('')).toThrow('"protocol"')
  expect(() => parseNetProtocols('protocol  size sockets  memory press maxhdr  slab module     cl co\nTCP 1\n')).toThrow('line 2: expected the columns')
})

test('routes', () => {
  expect(parseNetRoute(fixture('net/route'))).toEqual([
    { interface: 'eth0', destination: '0.0.0.0', prefixLength: 0, gateway: '192.0.2.1', flags: ['RTF_UP', 'RTF_GATEWAY'], metric: 0, references: 0, use: 0, mtuBytes: 0 },
    { interface: 'eth0', destination: '192.0.2.0', prefixLength: 24, gateway: '0.0.0.0', flags: ['RTF_UP'], metric: 0, references: 0, use: 0, mtuBytes: 0 },
  ])
  const heading = 'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n'
  expect(parseNetRoute(`${heading}*\tC0000200\t00000000\t0200\t0\t0\t0\tFFFFFFFF\t0\t0\t0\n`, 'net/route', 'BE')).toMatchObject([{ interface: '*', destination: '192.0.2.0', prefixLength: 32, flags: ['RTF_REJECT'] }])
  expect(parseNetRoute('')).toEqual([])
  expect(() => parseNetRoute('x\n')).toThrow('"Iface"')
  expect(() => parseNetRoute(`${heading}eth0\t0\t0\t0\t0\t0\t0\t0\t0\t0\t0\n`)).toThrow('8 or 32')
  expect(() => parseNetRoute(`${heading}eth0\t00000000\t00000000\t0001\t0\t0\t0\tFF00FF00\t0\t0\t0\n`)).toThrow('a mask of ones')
  const routes = parseIpv6Route(fixture('net/ipv6_route'))
  expect(routes[0]).toEqual({ interface: 'eth0', destination: '2001:db8::', prefixLength: 64, gateway: '::', flags: ['RTF_UP'], metric: 256, references: 1, use: 0, source: '::', sourcePrefixLength: 0 })
  expect(routes.find(({ destination }) => destination === '::1')?.flags).toEqual(['RTF_UP', 'RTF_NONEXTHOP', 'RTF_LOCAL'])
  expect(() => parseIpv6Route('00 00\n')).toThrow('the ten columns')
})

test('neighbours, addresses', () => {
  expect(parseArp(fixture('net/arp'))).toEqual([
    { address: '192.0.2.9', hardwareType: 1, flags: ['ATF_COM', 'ATF_PERM'], hardwareAddress: '02:00:00:00:00:09', mask: '*', interface: 'eth0' },
  ])
  expect(parseIfInet6(fixture('net/if_inet6'))).toContainEqual({ interface: 'eth0', interfaceIndex: 2, address: '2001:db8::7', prefixLength: 64, scope: 'global', flags: ['IFA_F_PERMANENT'] })
  expect(parseIfInet6('00000000000000000000000000000001 01 80 30 c0       lo\n')[0]).toMatchObject({ scope: 'scope_48', flags: ['IFA_F_TENTATIVE', 'IFA_F_PERMANENT'] })
  expect(() => parseArp('')).toThrow('"IP address"')
  expect(() => parseIfInet6('0001 01 80 10 80 lo\n')).toThrow('32 hexadecimal digits')
})

test('sockets of packets and of netlink, processors', () => {
  expect(parsePacketSockets(fixture('net/packet'))).toEqual([])
  expect(parsePacketSockets(`${fixture('net/packet')}00000000a1b2c3d4 3      3    0003   2     1 1024   1000   4711 \n`)).toEqual([
    { references: 3, type: 3, protocol: 3, interfaceIndex: 2, running: true, receiveBytes: 1024, uid: 1000, inode: 4711n },
  ])
  expect(parseNetlinkSockets(fixture('net/netlink')).map(({ protocol }) => protocol)).toContain(0)
  expect(parseSoftnetStat(fixture('net/softnet_stat'))).toMatchObject([{ cpu: 0 }, { cpu: 1 }])
  expect(() => parsePacketSockets('sk\n1 2 3\n')).toThrow('the nine columns')
  expect(() => parseNetlinkSockets('sk\n1 2 3\n')).toThrow('the ten columns')
  expect(() => parseSoftnetStat('0001\n')).toThrow('nine hexadecimal')
})

// The values are those of the same commit's net_*_test.go.
describe.skipIf(!hasVectors('prometheus-procfs'))('what prometheus/procfs decodes (needs its fixtures)', () => {
  test('interfaces', () => {
    const some = (text: string) => Object.fromEntries(parseNetDev(text).map(({ name, receive, transmit }) => [name, [receive.bytes, receive.packets, transmit.bytes, transmit.packets]]))
    expect(some(prometheus('net/dev'))).toEqual({
      vethf345468: [648, 8, 438, 5], lo: [1664039048, 1566805, 1664039048, 1566805], docker0: [2568, 38, 438, 5], eth0: [874354587, 1036395, 563352563, 732147],
    })
    expect(some(prometheus('26231/net/dev'))).toEqual({ lo: [0, 0, 0, 0], eth0: [438, 5, 648, 8] })
  })

  test('IP sockets', () => {
    const some = (text: string) => parseInetSockets(text).map(({ slot, local, state, txQueueBytes, rxQueueBytes, uid, inode, drops }) => [slot, local.address, local.port, state, txQueueBytes, rxQueueBytes, uid, inode, drops])
    expect(some(prometheus('net/tcp'))).toEqual([
      [0, '10.0.0.5', 22, 'listen', 0, 1, 0, 2740n, undefined], [1, '0.0.0.0', 22, 'listen', 1, 0, 0, 2740n, undefined], [2, '0.0.0.0', 22, 'listen', 1, 1, 0, 2740n, undefined],
    ])
    const six = (drops: number | undefined) => [[1315, '::', 5355, 'close', 0, 0, 981, 21040n, drops], [6073, 'fe80::56e1:adff:fe7c:6609', 51073, 'close', 0, 0, 1000, 11337031n, drops]]
    expect(some(prometheus('net/tcp6'))).toEqual(six(0))
    expect(some(prometheus('net/udp6'))).toEqual(six(0))
    // Rows of a net/tcp under another name: there are no drops in them.
    expect(some(prometheus('net/udp'))).toEqual(some(prometheus('net/tcp')))
    expect(() => parseInetSockets(prometheus('net/udp_broken'))).toThrow('the twelve columns')
  })

  test('Unix sockets, with and without inodes', () => {
    const expected = [
      [2, true, 'stream', 'unconnected', 3442596n, '/var/run/postgresql/.s.PGSQL.5432'], [10, true, 'seqpacket', 'unconnected', 10061n, '/run/udev/control'],
      [7, false, 'dgram', 'unconnected', 12392n, '/dev/log'], [3, false, 'stream', 'connected', 4787297n, '/var/run/postgresql/.s.PGSQL.5432'],
      [3, false, 'stream', 'connected', 5091797n, undefined],
    ]
    const some = (text: string) => parseUnixSockets(text).map(({ references, listening, type, state, inode, path }) => [references, listening, type, state, inode, path])
    expect(some(prometheus('net/unix'))).toEqual(expected)
    expect(some(prometheus('net/unix_without_inode'))).toEqual(expected.map((row) => row.with(4, undefined)))
  })

  test('protocols, neighbours, sockets in use', () => {
    const protocols = parseNetProtocols(prometheus('net/protocols'))
    expect(protocols).toHaveLength(13)
    expect(protocols.find(({ name }) => name === 'TCP')).toMatchObject({ socketBytes: 1984, sockets: 93064, memoryPages: 1225378, memoryPressure: true, maxHeaderBytes: 320 })
    expect(protocols.find(({ name }) => name === 'TCP')!.operations).toHaveLength(18)
    expect(parseArp(prometheus('net/arp')).map(({ address, hardwareAddress, flags }) => [address, hardwareAddress, flags])).toEqual([
      ['192.168.224.1', '00:50:56:c0:00:08', ['ATF_COM']], ['192.168.224.2', '00:00:00:00:00:00', []],
    ])
    expect(parseSockstat(prometheus('net/sockstat'))).toMatchObject({ sockets: { used: 1602 }, TCP: { inuse: 35, tw: 4, memPages: 22 } })
    expect(parseSockstat(prometheus('net/sockstat6')).TCP6).toMatchObject({ inuse: 17 })
  })

  test('processors of five kernels', () => {
    const [full, , eleven, nine, ten] = parseSoftnetStat(prometheus('net/softnet_stat'))
    expect(full).toEqual({ processed: 0x358fe3, dropped: 0x6283, timeSqueezed: 0, receivedRps: 0x855fc, flowLimited: 0x76, backlog: 0, cpu: 0 })
    expect(eleven).toEqual({ processed: 0x15c73, dropped: 0x20e76, timeSqueezed: 0xf0000769, receivedRps: 3, flowLimited: 2 })
    expect(nine).toEqual({ processed: 0x1663fb2, dropped: 0, timeSqueezed: 0x109a4 })
    expect(ten).toMatchObject({ receivedRps: 0x10 })
    expect(() => parseSoftnetStat(prometheus('net/softnet_stat.broken'))).toThrow('nine hexadecimal')
  })

  test('counters of a process', () => {
    const snmp = parseNetSnmp(prometheus('26231/net/snmp'))
    expect(snmp.Ip).toMatchObject({ DefaultTTL: 64 })
    expect(Object.keys(snmp)).toEqual(['Ip', 'Icmp', 'IcmpMsg', 'Tcp', 'Udp', 'UdpLite'])
    expect(parseNetSnmp(prometheus('26231/net/netstat')).TcpExt).toHaveProperty('EmbryonicRsts')
    expect(parseNetSnmp6(prometheus('26231/net/snmp6').trimEnd())).toHaveProperty('Ip6InReceives')
    expect(parseNetSnmp6(prometheus('net/dev_snmp6/eth0'))).toHaveProperty('ifIndex')
    expect(parseNetSnmp6(prometheus('net/xfrm_stat'))).toHaveProperty('XfrmInError')
  })
})
