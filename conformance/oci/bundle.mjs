// A bundle: the directory that a runtime is given, with a configuration that a test changes where it wants.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { command, onTerminal } from '../engines/cli.mjs'

const capabilities = ['CAP_AUDIT_WRITE', 'CAP_KILL', 'CAP_NET_BIND_SERVICE']

/** The smallest container that is one: a file system, a process, and namespaces. @param {Record<string, unknown>} more replaces members of the first level, and of `process` and `linux` */
export const configuration = ({ process = {}, linux = {}, ...more } = {}) => ({
  ociVersion: '1.0.2',
  process: {
    terminal: false, user: { uid: 0, gid: 0 }, args: ['true'], env: ['PATH=/bin'], cwd: '/',
    capabilities: { bounding: capabilities, effective: capabilities, permitted: capabilities },
    ...process,
  },
  root: { path: 'rootfs' },
  mounts: [
    { destination: '/proc', type: 'proc', source: 'proc' },
    { destination: '/dev', type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'strictatime', 'mode=755', 'size=65536k'] },
    { destination: '/dev/pts', type: 'devpts', source: 'devpts', options: ['nosuid', 'noexec', 'newinstance', 'ptmxmode=0666', 'mode=0620'] },
    { destination: '/dev/shm', type: 'tmpfs', source: 'shm', options: ['nosuid', 'noexec', 'nodev', 'mode=1777', 'size=65536k'] },
  ],
  linux: { namespaces: [{ type: 'pid' }, { type: 'mount' }, { type: 'ipc' }, { type: 'uts' }, { type: 'network' }], ...linux },
  ...more,
})

let count = 0

/** A runtime, spoken to as engines do. @param {{ runtime: string, root: string, work: string }} options root: a directory with the files of the image */
export function connect({ runtime, root, work }) {
  const state = `${work}/state`
  const words = (args) => [runtime, '--root', state, ...args]
  const cli = (args, options) => command(words(args), options)
  return {
    cli,
    /** A bundle of its own: its directory, and the name of the container to be. The files are the same for all, so nothing may be written to them but by mounts. */
    bundle(config) {
      const directory = mkdtempSync(`${work}/bundle-`)
      mkdirSync(`${directory}/upper`)
      writeFileSync(`${directory}/config.json`, JSON.stringify({ ...config, root: { ...config.root, path: config.root?.path === 'rootfs' ? root : config.root?.path } }))
      return { directory, id: `test-${process.pid}-${++count}` }
    },
    /** From beginning to end: what a shell sees of `runtime run`. */
    async run(config, options) {
      const { directory, id } = this.bundle(config)
      try {
        return await cli(['run', '--bundle', directory, id], options)
      } finally {
        await cli(['delete', '--force', id])
        rmSync(directory, { recursive: true, force: true })
      }
    },
    async runOnTerminal(config) {
      const { directory, id } = this.bundle(config)
      try {
        return await onTerminal(words(['run', '--bundle', directory, id]))
      } finally {
        await cli(['delete', '--force', id])
      }
    },
    /** Created; deleted behind `use`, whatever comes. The container's output goes to a file: a pipe would stay open as long as it runs. */
    async created(config, use, more = []) {
      const { directory, id } = this.bundle(config)
      const output = `${directory}/output`
      try {
        const quoted = words(['create', '--bundle', directory, ...more, id]).map((word) => `'${word}'`).join(' ')
        const result = await command(['sh', '-c', `${quoted} </dev/null >'${output}' 2>'${output}.err'`])
        return await use({ id, directory, output, status: result.status })
      } finally {
        await cli(['delete', '--force', id])
      }
    },
  }
}

/** Until something is so, or for half a minute. @returns the last answer */
export async function until(ask, is) {
  let last
  for (let attempt = 0; attempt < 600; attempt++) {
    if (is((last = await ask()))) return last
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  return last
}
