// podman: no daemon; conmon runs the runtime.
import { readFileSync } from 'node:fs'
import { configure, driver } from './podman.mjs'

export { scenarios } from './scenarios.mjs'

/** @param {{ runtime: string, archive: string, groups: 'cgroupfs' | 'systemd' }} options */
export async function start({ runtime, archive, groups }) {
  configure({ runtime, groups, directory: '/etc/containers', storage: '[storage]\ndriver = "overlay"\nrunroot = "/run/containers/storage"\ngraphroot = "/var/lib/containers/storage"\n' })
  // Podman 5 says at every command that version 1 of cgroups is to go.
  process.env.PODMAN_IGNORE_CGROUPSV1_WARNING = '1'
  return driver(['podman'], readFileSync(archive))
}
