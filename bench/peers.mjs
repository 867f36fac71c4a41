import { execFileSync, spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

export const installed = (command) => spawnSync(command, ['--version'], { stdio: 'ignore' }).status === 0

/** An OCI bundle with the namespaces and mounts that `runc spec` writes, and a root directory with nothing but these programs. */
export function bundle(directory, programs = ['/bin/true'], args = ['/bin/true']) {
  mkdirSync(join(directory, 'rootfs'), { recursive: true })
  const libraries = [...execFileSync('ldd', programs, { encoding: 'utf8' }).matchAll(/\/\S+[^\s:]/g)].map(([path]) => path).filter((path) => !programs.includes(path))
  for (const path of [...programs, ...libraries]) {
    mkdirSync(join(directory, 'rootfs', dirname(path)), { recursive: true })
    copyFileSync(path, join(directory, 'rootfs', path))
  }
  execFileSync('runc', ['spec'], { cwd: directory })
  const file = join(directory, 'config.json')
  const config = JSON.parse(readFileSync(file, 'utf8'))
  config.process.terminal = false
  config.process.args = args
  // runc 1.1 fails to mount them where each controller of cgroup v1 has a hierarchy of its own. Without, it has less to do.
  config.mounts = config.mounts.filter(({ type }) => type !== 'cgroup')
  writeFileSync(file, JSON.stringify(config))
  return directory
}

/**
 * Packages of the npm registry, to be compared with: installed into a directory outside the repository, because nothing here depends
 * on them. Returns a `require` that finds them.
 */
export function npmPeers(directory, specs) {
  mkdirSync(directory, { recursive: true })
  writeFileSync(join(directory, 'package.json'), JSON.stringify({ private: true, type: 'module' }))
  execFileSync('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts', '--save-exact', ...specs], { cwd: directory, stdio: ['ignore', 'ignore', 'inherit'] })
  return createRequire(join(directory, 'package.json'))
}
