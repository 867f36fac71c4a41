// Docker Engine: dockerd, its own containerd, and the shim that runs the runtime.
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { command, daemon, onTerminal } from './cli.mjs'
import { daemonConfig, prepare } from './dockerd.mjs'
import { image } from './image.mjs'
import { builds } from './scenarios-builds.mjs'
import { scenarios as all } from './scenarios.mjs'

export const scenarios = [...all, ...builds]

/** BuildKit, which is in dockerd, asks for no runtime of the configuration: it executes the `runc` of PATH. This one says that it was executed. */
function runcOfPath(runtime) {
  mkdirSync('/run/path-of-dockerd')
  writeFileSync('/run/path-of-dockerd/runc', `#!/bin/sh\necho "$*" >> /run/builds\nexec '${runtime}' "$@"\n`)
  chmodSync('/run/path-of-dockerd/runc', 0o755)
  process.env.PATH = `/run/path-of-dockerd:${process.env.PATH}`
}

/** @param {{ runtime: string, archive: string, groups: 'cgroupfs' | 'systemd' }} options */
export async function start({ runtime, archive, groups }) {
  mkdirSync('/etc/docker', { recursive: true })
  // Networks are not what is tested.
  writeFileSync('/etc/docker/daemon.json', daemonConfig(runtime, { bridge: 'none', 'exec-opts': [`native.cgroupdriver=${groups}`] }))
  runcOfPath(runtime)
  const cli = (args, options) => command(['docker', ...args], options)
  const { stop } = await daemon(['dockerd'], async () => (await cli(['version'])).status === 0)
  await prepare(cli, { runtime, archive })
  return {
    cli,
    terminal: (args, options) => onTerminal(['docker', ...args], options),
    image,
    /**
     * Builds a Dockerfile, with Debian's command: that one has BuildKit in it, as far as version 20.10.
     *
     * @returns what was printed, the status, and how often BuildKit has executed `runc`
     */
    async build(tag, lines, { buildkit = false } = {}) {
      mkdirSync('/tmp/context', { recursive: true })
      writeFileSync('/tmp/context/Dockerfile', [`FROM ${image}`, ...lines, ''].join('\n'))
      writeFileSync('/run/builds', '')
      const result = await command(['env', `DOCKER_BUILDKIT=${buildkit ? 1 : 0}`, '/usr/bin/docker', 'build', '--network', 'none', '--no-cache', '-t', tag, '/tmp/context'])
      const runs = readFileSync('/run/builds', 'utf8').split('\n').filter((line) => / run /.test(line)).length
      rmSync('/tmp/context', { recursive: true })
      return { ...result, runs }
    },
    remove: (container) => cli(['rm', '-f', container]),
    stop: async () => {
      const { stdout } = await cli(['ps', '-aq'])
      if (stdout !== '') await cli(['rm', '-f', ...stdout.trim().split('\n')])
      await stop()
    },
  }
}
