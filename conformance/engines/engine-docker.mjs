// Docker Engine: dockerd, its own containerd, and the shim that runs the runtime.
import { mkdirSync, writeFileSync } from 'node:fs'
import { command, daemon, onTerminal } from './cli.mjs'
import { daemonConfig, prepare } from './dockerd.mjs'
import { image } from './image.mjs'

export { scenarios } from './scenarios.mjs'

/** @param {{ runtime: string, archive: string }} options */
export async function start({ runtime, archive }) {
  mkdirSync('/etc/docker', { recursive: true })
  // Networks are not what is tested.
  writeFileSync('/etc/docker/daemon.json', daemonConfig(runtime, { bridge: 'none' }))
  const cli = (args, options) => command(['docker', ...args], options)
  const { stop } = await daemon(['dockerd'], async () => (await cli(['version'])).status === 0)
  await prepare(cli, { runtime, archive })
  return {
    cli,
    terminal: (args, options) => onTerminal(['docker', ...args], options),
    image,
    remove: (container) => cli(['rm', '-f', container]),
    stop: async () => {
      const { stdout } = await cli(['ps', '-aq'])
      if (stdout !== '') await cli(['rm', '-f', ...stdout.trim().split('\n')])
      await stop()
    },
  }
}
