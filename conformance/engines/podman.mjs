// What every podman here is told, and how it is spoken to.
import { mkdirSync, writeFileSync } from 'node:fs'
import { command, onTerminal } from './cli.mjs'
import { image } from './image.mjs'

/** @param {{ runtime: string, groups?: 'cgroupfs' | 'systemd', directory: string, storage: string }} options directory: of containers.conf and storage.conf */
export function configure({ runtime, groups = 'cgroupfs', directory, storage }) {
  mkdirSync('/etc/containers', { recursive: true })
  writeFileSync('/etc/containers/policy.json', '{"default":[{"type":"insecureAcceptAnything"}]}')
  writeFileSync(`${directory}/storage.conf`, storage)
  // The limits that podman asks for by default are above what a machine may allow: raising a hard limit takes CAP_SYS_RESOURCE.
  writeFileSync(`${directory}/containers.conf`, `[containers]
netns = "none"
default_ulimits = ["nofile=1024:1024", "nproc=4096:4096"]
[engine]
cgroup_manager = "${groups}"
events_logger = "file"
runtime = ${JSON.stringify(runtime)}
`)
}

/** @param {string[]} podman the words of the command @param {Buffer} archive of the image */
export async function driver(podman, archive) {
  const cli = (args, options) => command([...podman, ...args], options)
  const { status, stderr } = await cli(['load', '-q'], { input: archive })
  if (status !== 0) throw new Error(`podman load: ${stderr}`)
  return {
    cli,
    terminal: (args, options) => onTerminal([...podman, ...args], options),
    image,
    remove: (container) => cli(['rm', '-f', '-t', '0', container]),
    stop: async () => void (await cli(['rm', '-f', '-a', '-t', '0'])),
  }
}
