// What is in a network namespace that was just made?
// See network_namespaces(7), netdevice(7). Needs root.
// Prints the calls, then the addresses a program finds, and whether it can reach itself: before and after lo is up.
import { launch } from '@ctr/launch'
import { loopbackUp, unshare } from '@ctr/ns'
import { explain, sys } from '@ctr/syscall'

const script = `
  const say = (text) => (console.log('it reaches itself:', text), process.exit())
  console.log('it has the addresses', Object.values(os.networkInterfaces()).flat().map(({ address }) => address).sort().join(' ') || 'of nobody')
  net.createServer().listen(80, () => net.connect(80, '127.0.0.1', () => say('yes')).on('error', ({ code }) => say(code)))`
const node = sys.execve(process.execPath, ['node', '-e', script], [], 'a program that wants to reach itself')

for (const up of [false, true]) {
  const program = [...unshare(['net']), ...(up ? loopbackUp() : [])]
  console.log(`${explain(program).join('\n')}\nnode${script}`)
  await using box = await launch([...program, node])
  await box.exited
  console.log()
}
