// A place for engines to do what they want in: own mount, PID, network, UTS, IPC and cgroup namespaces, a copy of the file system that is
// thrown away, and in each cgroup hierarchy one group of ours that they take for its root. Nothing of it is there afterwards.
import { spawn } from 'node:child_process'
import { mkdtempSync, rmdirSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { fileURLToPath } from 'node:url'
import { hierarchies, makeGroup, removeGroup } from './groups.mjs'
import { underSystemd } from './systemd.mjs'

const quote = (text) => `'${text.replaceAll("'", "'\\''")}'`

/** What the engines keep, each in memory: an overlay takes no other for its upper layer. */
const own = ['/run', '/tmp', '/var/tmp', '/dev/shm', '/var/lib/containers', '/var/lib/containerd', '/var/lib/docker', '/etc/containers', '/etc/docker', '/etc/cni']

const checkout = fileURLToPath(new URL('../..', import.meta.url))

let count = 0

/** A path of the machine, at the same place in the directory that becomes the root. */
function bind(path) {
  const place = quote(`.${path}`)
  const make = statSync(path).isDirectory() ? `mkdir -p ${place}` : `mkdir -p "$(dirname ${place})" && { test -e ${place} || : > ${place}; }`
  return `${make} && mount --rbind ${quote(path)} ${place}`
}

function mountGroups(mounts, { divided }) {
  const alone = mounts.some(({ directory }) => directory === '/sys/fs/cgroup')
  return [
    ...(alone ? [] : ['mount -t tmpfs -o mode=755 tmpfs ./sys/fs/cgroup']),
    ...mounts.map(({ directory, type, options }) => `mkdir -p .${directory} && mount -t ${type} ${options === '' ? '' : `-o ${options} `}${type} .${directory}`),
    // Version 2 gives controllers only to the children of a group without processes.
    ...(alone && divided ? ['mkdir ./sys/fs/cgroup/init && echo 0 > ./sys/fs/cgroup/init/cgroup.procs && sed "s/[a-z]*/+&/g" ./sys/fs/cgroup/cgroup.controllers > ./sys/fs/cgroup/cgroup.subtree_control'] : []),
  ]
}

/**
 * Starts a command in a sandbox.
 *
 * @param {string[]} command
 * @param {{ root?: string, files?: readonly string[], systemd?: boolean, unified?: boolean, hostname?: string, stdio?: import('node:child_process').StdioOptions }} options
 *   root: the directory of which there is a copy inside; without one the files are those that are here, but for those that engines keep.
 *   files: those of the machine that are to be at the same place inside, themselves.
 *   systemd: it is PID 1, and runs the command as a service, whose output is the command's own affair.
 *   unified: false leaves cgroup v2 out where there is v1 as well, for who cannot do with both
 * @returns {{ pid: number, stdin: import('node:stream').Writable | null, kill: () => void, ended: Promise<number> }} pid: of a process that has its network namespace, soon
 */
export function sandbox(command, { root, files = [], systemd = false, unified = true, hostname = 'engines', stdio = 'inherit' } = {}) {
  const name = `ctr-engines-${process.pid}-${++count}`
  const all = hierarchies()
  const mounts = unified || !all.some(({ type }) => type === 'cgroup') ? all : all.filter(({ type }) => type === 'cgroup')
  const stage = mkdtempSync(`${tmpdir()}/${name}-`)
  const groups = mounts.map(({ directory }) => makeGroup(directory, name))
  const inside = [
    'set -e',
    'ip link set lo up',
    `hostname ${hostname}`,
    `cd ${quote(stage)} && mount -t tmpfs -o mode=755 tmpfs . && cd ${quote(stage)} && mkdir root upper work`,
    root === undefined ? 'mount --rbind / root' : `mount -t overlay -o ${quote(`lowerdir=${root},upperdir=upper,workdir=work`)} overlay root`,
    'cd root',
    'mount -t proc proc proc && mount -t sysfs sysfs sys && mount --rbind /dev dev',
    ...own.map((directory) => `mkdir -p .${directory} && mount -t tmpfs -o mode=${/tmp$|shm$/.test(directory) ? 1777 : 755} tmpfs .${directory}`),
    ...[checkout.replace(/\/$/, ''), process.execPath, ...files].map(bind),
    // Systemd divides its root itself.
    ...mountGroups(mounts, { divided: !systemd }),
    'mkdir -p mnt && pivot_root . mnt && cd / && umount -l /mnt',
    // Else the shell stays PID 1: it reaps what engines leave to it.
    ...(systemd ? underSystemd() : [`exec sh -c '"$@"; exit $?' sh "$@"`]),
  ]
  // Not before the fork: the process that waits for this one has to be outside, or version 2 counts it as one of the root group.
  const join = groups.map((group) => `echo 0 > ${group}/cgroup.procs`).join(' && ')
  const unshare = ['unshare', '--mount', '--pid', '--net', '--uts', '--ipc', '--fork', '--kill-child', '--propagation', 'private']
  // What Node is told of the machine's certificates is not true in another root, and nothing here is fetched.
  const { NODE_EXTRA_CA_CERTS, ...env } = process.env
  const child = spawn(unshare[0], [...unshare.slice(1), 'sh', '-c', `${join} && exec unshare --cgroup "$@"`, 'sh', 'sh', '-c', inside.join('\n'), 'sh', ...command], { stdio, env: { ...env, HOME: '/run', TMPDIR: '/tmp' } })
  const ended = new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => resolve(signal ? 128 : code))
  }).finally(async () => {
    for (const group of groups) await removeGroup(group)
    rmdirSync(stage)
  })
  return { pid: child.pid, stdin: child.stdin, kill: () => child.kill('SIGKILL'), ended }
}
