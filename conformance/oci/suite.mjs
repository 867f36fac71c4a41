// The validation suite of opencontainers/runtime-tools: Debian's source of it, built with Debian's Go and libraries, once.
import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { mirror } from '../engines/debian-root.mjs'

const source = 'golang-github-opencontainers-runtime-tools'
const version = '0.9.0.109.ge931285'
const archive = { name: `${source}_${version}.orig.tar.xz`, sha256: '203989a1ea98cf2aaced79155bbda09270b20db19b03376dde91ab12e5e6a0fe' }
/** Go, and what the suite imports; of these, only tap-go is in no package. */
const packages = [
  'golang-go', ...['blang-semver', 'google-uuid', 'hashicorp-go-multierror', 'mrunalp-fileutils', 'opencontainers-specs', 'opencontainers-selinux', 'sirupsen-logrus', 'urfave-cli', 'xeipuuv-gojsonschema'].map((name) => `golang-github-${name}-dev`),
  'golang-gocapability-dev', 'golang-golang-x-sys-dev',
]
const libraries = '/usr/share/gocode'
const cache = fileURLToPath(new URL('../../node_modules/.cache/ctr-validation', import.meta.url))

const run = (command, args, options = {}) => execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'], ...options, env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', ...options.env } })

/** Debian's binary package has the libraries alone, and of the source package of the release before, some mirrors have no archive. */
export class NoSourceError extends Error {}

function download(file) {
  try {
    // The hash is compared by apt, whose settings of proxies hold too.
    run('/usr/lib/apt/apt-helper', ['-qq', 'download-file', `${mirror()}pool/main/g/${source}/${archive.name}`, file, `SHA256:${archive.sha256}`], { stdio: ['ignore', 'pipe', 'pipe'] })
  } catch (cause) {
    throw new NoSourceError(`the mirror of this machine has no ${archive.name}`, { cause })
  }
}

function installMissing() {
  const missing = packages.filter((name) => !existsSync(`/usr/share/doc/${name}`))
  if (missing.length === 0) return
  run('apt-get', ['-qq', 'update'])
  run('apt-get', ['-qq', 'install', '-y', '--no-install-recommends', ...missing])
}

/** In the layout of GOPATH, which is how Debian has its libraries. */
function build(directory) {
  const place = `${directory}/src/github.com/opencontainers/runtime-tools`
  const ours = `${directory}/src/github.com/mndrix/tap-go`
  for (const each of [place, ours, `${directory}/bin`]) mkdirSync(each, { recursive: true })
  run('tar', ['-xJf', `${directory}/${archive.name}`, '-C', place, '--strip-components=1'])
  cpSync(new URL('tap-go/tap.go', import.meta.url), `${ours}/tap.go`)
  run('go', ['build', '-o', `${directory}/bin/`, './validation/...', './cmd/runtimetest'], { cwd: place, env: { GO111MODULE: 'off', GOPATH: `${directory}:${libraries}`, GOCACHE: `${directory}/cache`, CGO_ENABLED: '0' } })
  // Each is called by the name that its own Makefile gives it.
  for (const name of readdirSync(`${directory}/bin`)) renameSync(`${directory}/bin/${name}`, existsSync(`${place}/validation/${name}`) ? `${place}/validation/${name}/${name}.t` : `${place}/${name}`)
  return place
}

/**
 * Makes it, the first time.
 *
 * @returns {string} the directory of runtime-tools, with the programs `validation/NAME/NAME.t` in it
 * @throws NoSourceError
 */
export function validationSuite() {
  const built = `${cache}/${version}`
  if (existsSync(built)) return built
  mkdirSync(cache, { recursive: true })
  const made = mkdtempSync(`${cache}/.new-`)
  try {
    download(`${made}/${archive.name}`)
    installMissing()
    // Whole or not at all.
    renameSync(build(made), built)
  } finally {
    rmSync(made, { recursive: true, force: true })
  }
  return built
}
