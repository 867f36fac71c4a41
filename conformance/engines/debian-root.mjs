// The engines of another Debian: a directory that mmdebstrap fills, from the mirror that this machine has.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const cache = fileURLToPath(new URL('../../node_modules/.cache/ctr-engines', import.meta.url))

/** The engines, what they use, what Node is linked with, and what a sandbox is made with. */
const packages = [
  'podman', 'buildah', 'containernetworking-plugins', 'conmon', 'netavark', 'catatonit', 'uidmap', 'docker.io', 'docker-cli', 'containerd', 'runc', 'crun', 'iptables', 'busybox-static', 'libstdc++6', 'mount', 'iproute2', 'procps',
]

const run = (command, ...args) => execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C' } })

/** Where this machine has Debian from. */
export function mirror() {
  const found = () => run('apt-get', 'indextargets', '--format', '$(REPO_URI) $(LABEL) $(COMPONENT)', 'Identifier: Packages').split('\n').map((line) => line.split(' ')).find(([, label, component]) => label === 'Debian' && component === 'main')?.[0]
  const uri = found()
  if (uri !== undefined) return uri
  // The lists are missing in a fresh image.
  run('apt-get', '-qq', 'update')
  return found() ?? (() => { throw new Error('apt knows no Debian: where would the packages come from?') })()
}

/**
 * Makes the directory, once; later calls take it as it is.
 *
 * @param {string} suite such as trixie
 * @returns {string} the directory
 */
export function debianRoot(suite) {
  if (!/^[a-z-]+$/.test(suite)) throw new Error(`${suite} is no suite of Debian`)
  const place = `${cache}/${suite}`
  if (existsSync(place)) return place
  const uri = mirror()
  if (!existsSync('/usr/bin/mmdebstrap')) run('apt-get', '-qq', 'install', '-y', '--no-install-recommends', 'mmdebstrap')
  mkdirSync(cache, { recursive: true })
  const made = mkdtempSync(`${cache}/.new-`)
  try {
    run('mmdebstrap', '--quiet', '--variant=apt', '--format=directory', `--include=${packages.join()}`, suite, `${made}/root`, uri)
    // Whole or not at all.
    renameSync(`${made}/root`, place)
  } finally {
    rmSync(made, { recursive: true, force: true })
  }
  return place
}
