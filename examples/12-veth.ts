// How are two network namespaces connected?
// See veth(4), rtnetlink(7), netlink(7). Needs root, and a kernel with veth.
// Prints the calls, three of which are messages to the kernel, each with the command that would send it, then what comes over.
import { once } from 'node:events'
import { checkpoint, launch } from '@ctr/launch'
import { join, unshare } from '@ctr/ns'
import { explain, sys, type Program } from '@ctr/syscall'

// A message is a header, a struct, and attributes, which may hold others (linux/rtnetlink.h, if_link.h, if_addr.h, veth.h).
const u16 = (n: number) => [n & 255, n >> 8]
const u32 = (n: number) => [...u16(n & 0xffff), ...u16(n >>> 16)]
const text = (s: string) => [...Buffer.from(`${s}\0`)]
const attribute = (type: number, value: number[]) => [...u16(4 + value.length), ...u16(type), ...value, ...Array<number>(-value.length & 3).fill(0)]
const link = (flags: number) => [...u32(0), ...u32(7), ...u32(flags), ...u32(flags)] // struct ifinfomsg of interface 7: which flags, and which of them count
const message = (type: number, body: number[], why: string): Program => [
  sys.write({ fd: 'route' }, { hex: Buffer.from([...u32(16 + body.length), ...u16(type), ...u16(0x605), ...u32(0), ...u32(0), ...body]).toString('hex') }, why),
  sys.read({ fd: 'route' }, { out: 4096 }, { why: 'the kernel answers: 36 bytes for done, more for an error', returns: 36 }),
]
const peer = (pid: number) => attribute(1 /* VETH_INFO_PEER */, [...link(0), ...attribute(3 /* IFLA_IFNAME */, text('right')), ...attribute(19 /* IFLA_NET_NS_PID */, u32(pid))])
const veth = (pid: number) => [...attribute(1 /* IFLA_INFO_KIND */, text('veth')), ...attribute(2 /* IFLA_INFO_DATA */, peer(pid))]
const pair = (pid: number) => message(16 /* RTM_NEWLINK */, [...link(0), ...attribute(3 /* IFLA_IFNAME */, text('left')), ...attribute(18 /* IFLA_LINKINFO */, veth(pid))],
  `ip link add left index 7 type veth peer name right index 7 netns ${pid}`)
const socket = sys.socket('AF_NETLINK', ['SOCK_RAW', 'SOCK_CLOEXEC'], 'IPPROTO_IP', { as: 'route', why: 'devices and addresses are made by messages, not by calls' })
const configure = (name: string, host: number) => [ // struct ifaddrmsg: AF_INET, /24, flags, scope, interface 7
  ...message(20 /* RTM_NEWADDR */, [2, 24, 0, 0, ...u32(7), ...attribute(2 /* IFA_LOCAL */, [10, 0, 0, host])], `ip address add 10.0.0.${host}/24 dev ${name}`),
  ...message(19 /* RTM_SETLINK */, link(1 /* IFF_UP */), `ip link set ${name} up`),
]
const node = (script: string) => sys.execve(process.execPath, ['node', '-e', script], [], 'a program that knows nothing of all this')

const server = node("net.createServer((client) => client.end('hello, ' + client.remoteAddress)).listen(80, '0.0.0.0', () => console.log('ready'))")
await using right = await launch([...unshare(['net']), server], { stdio: ['ignore', 'pipe', 'inherit'] })
await once(right.stdout!, 'data')
const client = node("net.connect(80, '10.0.0.2').on('data', (data) => console.log('10.0.0.2 says: ' + data))")
const program = [...unshare(['net']), socket, ...pair(right.pid), ...configure('left', 1), ...checkpoint('right'), client]
console.log(explain(program, { open: { control: 3 } }).join('\n'))
const theOther = [...join({ pidfd: { fd: 'box' }, kinds: ['net'] }), socket, ...configure('right', 2)]
const left = await launch(program, { checkpoints: { right: async () => void (await (await launch(theOther, { pass: { box: right.pidfd } })).exited) } })
await left.exited
