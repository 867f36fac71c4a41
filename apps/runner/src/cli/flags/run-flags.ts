import type { Flag } from './flag.ts'

const limits = 'Limits (each is a file of the container\'s cgroup)'
const files = 'Files'
const rights = 'Rights and namespaces'
const look = 'Looking at it'

/** What `run` and `explain` understand, in Docker's spelling. */
export const runFlags: readonly Flag[] = [
  { name: 'interactive', short: 'i', help: 'pass our stdin on' },
  { name: 'tty', short: 't', help: 'a terminal of its own; -it for a shell' },
  { name: 'rm', help: 'forget it when it has ended' },
  { name: 'name', value: 'NAME', help: 'what other commands call it' },
  { name: 'env', short: 'e', value: 'K=V', repeat: true, help: 'a variable; K alone takes ours' },
  { name: 'env-file', value: 'FILE', repeat: true, help: 'variables, a line each' },
  { name: 'workdir', short: 'w', value: 'DIR', help: 'where the command starts' },
  { name: 'user', short: 'u', value: 'USER', help: 'name, uid, name:group or uid:gid' },
  { name: 'entrypoint', value: 'FILE', help: 'put in front of the command' },
  { name: 'init', help: 'a PID 1 that forwards and reaps' },
  { name: 'stop-signal', value: 'SIG', help: 'what stop sends (SIGTERM)' },
  { name: 'stop-timeout', value: 'S', help: 'seconds before stop kills (10)' },
  { name: 'volume', short: 'v', value: 'SRC:DST[:ro]', repeat: true, help: 'bind a file or directory', group: files },
  { name: 'mount', value: 'SPEC', repeat: true, help: 'type=bind|tmpfs,src=,dst=,ro', group: files },
  { name: 'tmpfs', value: 'DST[:size=N]', repeat: true, help: 'a file system in memory', group: files },
  { name: 'read-only', help: 'a root that cannot be written to', group: files },
  { name: 'memory', short: 'm', value: 'SIZE', help: 'memory.max: 64m, 1.5g', group: limits },
  { name: 'memory-swap', value: 'SIZE', help: 'memory and swap together; -1 any', group: limits },
  { name: 'cpus', value: 'N', help: 'cpu.max: 0.5 is half a CPU', group: limits },
  { name: 'cpu-shares', value: 'N', help: 'cpu.weight, in shares of 1024', group: limits },
  { name: 'cpuset-cpus', value: 'LIST', help: 'cpuset.cpus: 0-1,3', group: limits },
  { name: 'pids-limit', value: 'N', help: 'pids.max: processes and threads', group: limits },
  { name: 'ulimit', value: 'NAME=SOFT[:HARD]', repeat: true, help: 'prlimit: nofile=1024:2048', group: limits },
  { name: 'cap-add', value: 'CAP', repeat: true, help: 'grant a capability, or ALL', group: rights },
  { name: 'cap-drop', value: 'CAP', repeat: true, help: 'take one away, or ALL', group: rights },
  { name: 'security-opt', value: 'OPT', repeat: true, help: 'no-new-privileges, seccomp=FILE', group: rights },
  { name: 'network', alias: 'net', value: 'none|host', help: 'none has only lo', group: rights },
  { name: 'hostname', short: 'h', value: 'NAME', help: 'default: its name', group: rights },
  { name: 'pid', value: 'host', help: 'the host\'s processes', group: rights },
  { name: 'ipc', value: 'host', help: 'the host\'s IPC', group: rights },
  { name: 'uts', value: 'host', help: 'the host\'s name', group: rights },
  { name: 'explain', help: 'print every system call; make none', group: look },
  { name: 'trace', help: 'then say how long each took', group: look },
  { name: 'step', help: 'stop before each of them', group: look },
  { name: 'json', help: 'how it ended, or failed, as JSON', group: look },
]
