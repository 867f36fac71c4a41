// containerd, spoken to by its own `ctr`: the shim runs the runtime, as it does for Kubernetes.
import { mkdirSync, writeFileSync } from 'node:fs'
import { command, daemon, onTerminal } from './cli.mjs'
import { image } from './image.mjs'

export { scenarios } from './scenarios-containerd.mjs'

/** @param {{ runtime: string, archive: string }} options */
export async function start({ runtime, archive }) {
  mkdirSync('/etc/containerd', { recursive: true })
  writeFileSync('/run/containerd.toml', 'version = 2\ndisabled_plugins = ["io.containerd.grpc.v1.cri"]\n')
  const cli = (args, options) => command(['ctr', ...args], options)
  const { stop } = await daemon(['containerd', '--config', '/run/containerd.toml', '--log-level', 'warn'], async () => (await cli(['version'])).status === 0)
  const { status, stderr } = await cli(['image', 'import', '--snapshotter', 'overlayfs', archive])
  if (status !== 0) throw new Error(`ctr image import: ${stderr}`)
  const run = (options, id, args) => ['run', '--runc-binary', runtime, ...options, image, id, ...args]
  return {
    cli,
    run: (options, id, ...args) => cli(run(options, id, args)),
    terminal: (options, id, ...args) => onTerminal(['ctr', ...run(['-t', ...options], id, args)]),
    execTerminal: (...args) => onTerminal(['ctr', 'task', 'exec', '-t', ...args]),
    remove: async (id) => {
      await cli(['task', 'kill', '-s', 'KILL', id])
      for (let attempt = 0; attempt < 400 && (await cli(['task', 'rm', id])).status !== 0; attempt++) await new Promise((resolve) => setTimeout(resolve, 50))
      await cli(['container', 'rm', id])
    },
    stop,
  }
}
