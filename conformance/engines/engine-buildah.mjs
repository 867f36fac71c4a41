// buildah: it runs the runtime itself for every RUN, and asks for the state until the command has ended.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { command, onTerminal } from './cli.mjs'
import { image } from './image.mjs'
import { configure } from './podman.mjs'

export { scenarios } from './scenarios-buildah.mjs'

/** @param {{ runtime: string, archive: string }} options */
export async function start({ runtime, archive }) {
  configure({ runtime, directory: '/etc/containers', storage: '[storage]\ndriver = "overlay"\nrunroot = "/run/containers/storage"\ngraphroot = "/var/lib/containers/storage"\n' })
  const cli = (args, options) => command(['buildah', ...args], options)
  const { status, stdout, stderr } = await cli(['pull', '-q', `docker-archive:${archive}`])
  if (status !== 0) throw new Error(`buildah pull: ${stderr}`)
  await cli(['tag', stdout.trim(), image])
  const from = await cli(['from', '--name', 'box', '--pull-never', image])
  if (from.status !== 0) throw new Error(`buildah from: ${from.stderr}`)
  const how = ['--runtime', runtime, '--isolation', 'oci']
  const run = (options, args) => ['run', ...how, '--network', 'none', ...options, 'box', '--', ...args]
  return {
    cli,
    run: (options, args, more) => cli(run(options, args), more),
    terminal: (options, args) => onTerminal(['buildah', ...run(['-t', ...options], args)]),
    /** Builds a Dockerfile. @returns what was printed, and the status */
    build(lines) {
      mkdirSync('/tmp/context', { recursive: true })
      writeFileSync('/tmp/context/Dockerfile', [`FROM ${image}`, ...lines, ''].join('\n'))
      return cli(['build', ...how, '--network', 'none', '--pull-never', '--no-cache', '-t', 'built', '/tmp/context'])
    },
    /** A file of what was built last. */
    async built(path) {
      const name = (await cli(['from', '--pull-never', 'localhost/built'])).stdout.trim()
      const root = (await cli(['mount', name])).stdout.trim()
      try {
        return readFileSync(`${root}${path}`, 'utf8')
      } finally {
        await cli(['rm', name])
      }
    },
    stop: async () => void (await cli(['rm', '-a'])),
  }
}
