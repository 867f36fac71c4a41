// containerd as Kubernetes has it: pods of a pause container and others beside it, asked for by CRI, as the kubelet does.
import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { command, daemon } from './cli.mjs'
import { Cri } from './cri.mjs'
import { image, makeImage } from './image.mjs'

export { scenarios } from './scenarios-cri.mjs'

const pause = 'docker.io/library/ctr-pause:latest'

/** A pair of links for each pod, as in many clusters. What it keeps is in this sandbox. */
const network = { cniVersion: '0.4.0', name: 'pods', plugins: [{ type: 'ptp', ipam: { type: 'host-local', dataDir: '/run/cni-addresses', ranges: [[{ subnet: '10.87.0.0/24' }]], routes: [{ dst: '0.0.0.0/0' }] } }] }

const config = (runtime, groups) => `version = 2
root = "/run/containerd-files"
[plugins."io.containerd.grpc.v1.cri"]
sandbox_image = ${JSON.stringify(pause)}
# Lowering it takes CAP_SYS_RESOURCE.
restrict_oom_score_adj = true
[plugins."io.containerd.grpc.v1.cri".containerd]
default_runtime_name = "tested"
[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.tested]
runtime_type = "io.containerd.runc.v2"
[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.tested.options]
BinaryName = ${JSON.stringify(runtime)}
SystemdCgroup = ${groups === 'systemd'}
[plugins."io.containerd.grpc.v1.cri".cni]
bin_dir = "/usr/lib/cni"
conf_dir = "/run/cni-configuration"
`

/** @param {{ runtime: string, archive: string, groups: 'cgroupfs' | 'systemd' }} options */
export async function start({ runtime, archive, groups }) {
  // libcni writes to /var/lib/cni, whatever it is told.
  for (const directory of ['/run/var-lib', '/run/var-lib-work', '/run/cni-configuration', '/run/pause']) mkdirSync(directory, { recursive: true })
  execFileSync('mount', ['-t', 'overlay', '-o', 'lowerdir=/var/lib,upperdir=/run/var-lib,workdir=/run/var-lib-work', 'overlay', '/var/lib'])
  writeFileSync('/run/cni-configuration/pods.conflist', JSON.stringify(network))
  writeFileSync('/run/containerd.toml', config(runtime, groups))
  const ctr = (...args) => command(['ctr', '-n', 'k8s.io', ...args])
  const { stop } = await daemon(['containerd', '--config', '/run/containerd.toml', '--log-level', 'warn'], async () => (await ctr('version')).status === 0)
  for (const each of [archive, makeImage('/run/pause', { name: pause, command: ['sleep', '100000'] })]) {
    const { status, stderr } = await ctr('image', 'import', '--snapshotter', 'overlayfs', each)
    if (status !== 0) throw new Error(`ctr image import: ${stderr}`)
  }
  const cri = new Cri('/run/containerd/containerd.sock')
  const ask = (method, request) => cri.ask(method, request)
  const { runtime_api_version: version } = await ask('Version')
  if (version !== 'v1') throw new Error(`containerd speaks version ${version} of CRI`)
  return {
    ask, image, groups,
    stop: async () => {
      for (const { id } of (await ask('ListPodSandbox')).items ?? []) await ask('RemovePodSandbox', { pod_sandbox_id: id })
      cri.close()
      await stop()
    },
  }
}
