// Debian's cloud kernel and the programs that boot it. The kernel package is unpacked, not installed: nothing in /boot or
// /lib/modules of this machine changes.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const cache = fileURLToPath(new URL('../../node_modules/.cache/ctr-guest', import.meta.url))

const programs = {
  '/usr/bin/qemu-system-x86_64': 'qemu-system-x86',
  '/usr/lib/qemu/virtiofsd': 'qemu-system-common',
  '/usr/bin/busybox': 'busybox-static',
  '/usr/sbin/depmod': 'kmod',
}

function run(command, args, cwd = '/') {
  try {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C' }
    return execFileSync(command, args, { stdio: ['ignore', 'pipe', 'pipe'], encoding: 'utf8', cwd, env })
  } catch (error) {
    throw new Error(`${command} ${args.join(' ')}: ${error.stderr || error.message}`)
  }
}

/** Tries once more with new package lists: they are missing in a fresh image, and can be older than the archive. */
function withLists(action) {
  try {
    return action()
  } catch {
    run('apt-get', ['-qq', 'update'])
    return action()
  }
}

/** The package that the metapackage stands for now, such as linux-image-6.1.0-56-cloud-amd64. */
function kernelPackage() {
  const name = /Depends: (linux-image-\S+)/.exec(run('apt-cache', ['depends', 'linux-image-cloud-amd64']))?.[1]
  if (!name) throw new Error('linux-image-cloud-amd64 is not in the package lists: is this Debian on amd64?')
  return name
}

function unpack() {
  mkdirSync(cache, { recursive: true })
  const dir = mkdtempSync(`${cache}/.new-`)
  try {
    withLists(() => run('apt-get', ['-qq', 'download', '-o', 'APT::Sandbox::User=root', kernelPackage()], dir))
    const deb = readdirSync(dir).find((name) => name.endsWith('.deb'))
    run('dpkg', ['-x', deb, 'tree'], dir)
    const version = readdirSync(`${dir}/tree/lib/modules`)[0]
    run('depmod', ['-b', `${dir}/tree`, version])
    // Whole or not at all, also when two processes do this at once.
    if (!existsSync(`${cache}/${version}`)) renameSync(`${dir}/tree`, `${cache}/${version}`)
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}

/**
 * Installs what is missing.
 *
 * @returns the kernel image and the directory of its modules
 */
export function kernel() {
  if (process.arch !== 'x64') throw new Error(`The guest is an x86-64 one, and this machine is ${process.arch}.`)
  if (process.getuid() !== 0) throw new Error('The guest shares the whole root file system: only root can start it.')
  const missing = Object.keys(programs).filter((file) => !existsSync(file))
  if (missing.length > 0) {
    const packages = missing.map((file) => programs[file])
    withLists(() => run('apt-get', ['-qq', 'install', '-y', '--no-install-recommends', ...packages]))
  }
  const versions = () => (existsSync(cache) ? readdirSync(cache).filter((name) => !name.startsWith('.')) : [])
  if (versions().length === 0) unpack()
  const version = versions().sort().at(-1)
  return { version, image: `${cache}/${version}/boot/vmlinuz-${version}`, modules: `${cache}/${version}/lib/modules/${version}` }
}
