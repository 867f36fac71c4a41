// docker build: the classic builder makes containers of the default runtime, and BuildKit runs bundles of its own in the foreground.

const dockerfile = ['RUN echo $(id -u) > /root-was-here && chown user /home/user', 'USER user', 'WORKDIR /home/user', 'RUN echo $(id -u) $(pwd) > made']

async function built(engine, options) {
  const { status, stderr, runs } = await engine.build('built', dockerfile, options)
  if (status !== 0) return { status, stderr }
  const { stdout } = await engine.cli(['run', '--rm', '--network', 'none', 'built', 'cat', '/root-was-here', '/home/user/made'])
  await engine.cli(['rmi', '-f', 'built'])
  return { status, stdout, runs }
}

/** Where the command has no BuildKit in it, it says so: then nothing is tried. */
const without = ({ stderr }) => /buildx component is missing/.test(stderr ?? '')

export const builds = [
  { name: 'build', expected: { status: 0, stdout: '0\n1000 /home/user\n', runs: 0 }, see: (engine) => built(engine) },
  { name: 'build: a RUN that fails', expected: 3, see: async (engine) => (await engine.build('built', ['RUN exit 3'])).status },
  { name: 'build with BuildKit', see: async (engine) => {
    const seen = await built(engine, { buildkit: true })
    return without(seen) ? 'there is none' : { status: seen.status, stdout: seen.stdout, runs: seen.runs }
  } },
  { name: 'build with BuildKit: a RUN that fails', see: async (engine) => {
    const { status, stderr, runs } = await engine.build('built', ['RUN echo so; exit 3'], { buildkit: true })
    return without({ stderr }) ? 'there is none' : { status, runs, says: /exit code: 3/.test(stderr) }
  } },
]
