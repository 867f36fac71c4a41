// podman as an ordinary user: it makes a user namespace with newuidmap, and all it does, the runtime too, runs as root of that one.
import { chownSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { execFileSync } from 'node:child_process'
import { configure, driver } from './podman.mjs'
import { scenarios as all } from './scenarios.mjs'
import { startUserManager } from './systemd.mjs'

/** Debian's user daemon: somebody whom every machine has, and who owns nothing. */
const uid = 1
const [home, runtimeDirectory] = ['/run/home', '/run/user-of-podman']

/** What may be otherwise without root; what takes a group is not among it, for nobody lends one on cgroup v1. */
const tried = new Set([
  'output', 'exit status', 'a command that is not there', 'a file that cannot be executed', 'stdin', 'a terminal', 'user, groups, environment', 'capabilities, no_new_privs, seccomp', 'capabilities of a user', 'mounts', '/dev',
  '/dev with a terminal', 'masked and read-only paths', 'limits of the process', 'sysctl', 'bind mounts, read-only ones', 'tmpfs and a read-only root', 'PID namespace of the host', 'a namespace of another container', 'exec',
  'exec: stdin, user, directory', 'exec: a terminal', 'top', 'stop a command that ends at TERM', 'kill with a signal', 'kill', 'restart', 'create, start, wait, logs, rm',
])
export const scenarios = all.filter(({ name }) => tried.has(name))

/** @param {{ runtime: string, archive: string, groups: 'cgroupfs' | 'systemd' }} options */
export async function start({ runtime, archive, groups }) {
  for (const directory of [home, `${home}/.config`, `${home}/.config/containers`, runtimeDirectory]) {
    mkdirSync(directory, { mode: 0o700 })
    chownSync(directory, uid, uid)
  }
  if (groups === 'systemd') await startUserManager({ uid, directory: runtimeDirectory })
  configure({ runtime, groups, directory: `${home}/.config/containers`, storage: `[storage]\ndriver = "vfs"\nrunroot = "${runtimeDirectory}/containers"\ngraphroot = "${home}/storage"\n` })
  // Over the machine's, in this mount namespace only.
  writeFileSync('/run/subids', 'daemon:700000:65536\n')
  for (const file of ['/etc/subuid', '/etc/subgid']) execFileSync('mount', ['--bind', '/run/subids', file])
  // Podman 5 says at every command that version 1 of cgroups is to go.
  const user = ['setpriv', `--reuid=${uid}`, `--regid=${uid}`, '--clear-groups', 'env', '-i', 'PODMAN_IGNORE_CGROUPSV1_WARNING=1', 'PATH=/usr/bin:/bin:/usr/sbin:/sbin', `HOME=${home}`, `XDG_RUNTIME_DIR=${runtimeDirectory}`, `DBUS_SESSION_BUS_ADDRESS=unix:path=${runtimeDirectory}/bus`]
  return { ...await driver([...user, 'podman'], readFileSync(archive)), systemctl: [...user, 'systemctl', '--user'] }
}
