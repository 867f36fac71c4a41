// Run by a test as root of a user namespace that does not own the network it is in: it opens a socket in one that it owns.
import { spawn } from 'node:child_process'
import { readlinkSync } from 'node:fs'
import { RouteSocket } from '../src/netlink/route-socket.ts'
import { until } from './ctrun.ts'

const namespace = () => readlinkSync('/proc/thread-self/ns/net')
const before = namespace()
const holder = spawn('unshare', ['--net', 'sleep', '600'], { stdio: 'ignore' })
try {
  await until(() => readlinkSync(`/proc/${holder.pid}/ns/net`) !== before, 'it is there')
  RouteSocket.of(`/proc/${holder.pid}/ns/net`)
} catch (error) {
  console.log((error as { readonly code?: string }).code, namespace() === before ? 'where it was' : 'elsewhere')
} finally {
  holder.kill('SIGKILL')
}
