// What a sandbox could leave on the machine, listed before and after.
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { hierarchies } from './groups.mjs'

const read = (file) => (existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean) : [])
const list = (directory, names = /./) => (existsSync(directory) ? readdirSync(directory) : []).filter((name) => names.test(name)).map((name) => `${directory}/${name}`)

const group = new RegExp(`^ctr-engines-${process.pid}-`)
const engine = /docker|container|podman|libpod|conmon|netns|cni/

/** The processes that are in a group of ours. */
const processes = () => readdirSync('/proc').filter((name) => /^\d+$/.test(name)).flatMap((pid) => {
  try {
    return readFileSync(`/proc/${pid}/cgroup`, 'utf8').includes(`/ctr-engines-${process.pid}-`) ? [`process ${pid} ${readFileSync(`/proc/${pid}/comm`, 'utf8').trim()}`] : []
  } catch {
    // It is gone.
    return []
  }
})

/** @returns {Set<string>} mounts, links, packet filters, cgroups, processes, and the directories that engines make */
export function things() {
  return new Set([
    ...read('/proc/self/mountinfo'), ...list('/sys/class/net'), ...read('/proc/net/ip_tables_names').map((table) => `iptables ${table}`),
    ...hierarchies().flatMap(({ directory }) => list(directory, group)), ...processes(),
    ...['/run', '/var/lib', '/etc', '/dev/shm', '/tmp', '/var/tmp'].flatMap((directory) => list(directory, engine)),
    ...['/var/lib/docker', '/var/lib/containers', '/var/lib/containerd', '/etc/docker', '/etc/containers'].flatMap((directory) => list(directory)),
  ])
}
