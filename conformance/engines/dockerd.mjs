// What every Docker Engine here is told: which runtime it has, and that the machine's packet filters are not its own.

/** The file that dockerd reads. */
export const daemonConfig = (runtime, more = {}) => JSON.stringify({
  runtimes: { tested: { path: runtime } }, 'default-runtime': 'tested', 'exec-opts': ['native.cgroupdriver=cgroupfs'],
  // Rules would need modules of the kernel.
  iptables: false, ip6tables: false, 'storage-driver': 'overlay2', 'log-level': 'warn', ...more,
})

/** Has the image, and really has the runtime: containers that ran with another would show nothing. */
export async function prepare(cli, { runtime, archive }) {
  const { status, stderr } = await cli(['load', '-q', '-i', archive])
  if (status !== 0) throw new Error(`docker load: ${stderr}`)
  const told = await cli(['info', '--format', '{{.DefaultRuntime}} {{(index .Runtimes "tested").Path}}'])
  if (told.stdout.trim() !== `tested ${runtime}`) throw new Error(`dockerd has another runtime: ${told.stdout}${told.stderr}`)
}
