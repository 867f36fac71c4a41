// CRI, by which the kubelet speaks to container engines: the messages that the scenarios use, and what of them they use.
// @see k8s.io/cri-api, pkg/apis/runtime/v1/api.proto
import { decode, encode } from './protobuf.mjs'
import { GrpcClient } from './grpc.mjs'

const number = { value: [1, 'int'] }
const metadata = { name: [1, 'text'], uid: [2, 'text'], namespace: [3, 'text'], attempt: [4, 'int'] }
const profile = { profile_type: [1, 'int'], localhost_ref: [2, 'text'] }
const namespaces = { network: [1, 'int'], pid: [2, 'int'], ipc: [3, 'int'], target_id: [4, 'text'] }
const resources = { cpu_period: [1, 'int'], cpu_quota: [2, 'int'], cpu_shares: [3, 'int'], memory_limit_in_bytes: [4, 'int'], oom_score_adj: [5, 'int'], cpuset_cpus: [6, 'text'], memory_swap_limit_in_bytes: [10, 'int'] }
const sandbox = {
  metadata: [1, metadata], hostname: [2, 'text'], log_directory: [3, 'text'], labels: [6, 'map'], annotations: [7, 'map'],
  linux: [8, { cgroup_parent: [1, 'text'], security_context: [2, { namespace_options: [1, namespaces], privileged: [6, 'bool'], seccomp: [9, profile] }], sysctls: [3, 'map'] }],
}
const image = { image: [1, 'text'] }
const container = {
  metadata: [1, { name: [1, 'text'], attempt: [2, 'int'] }], image: [2, image], command: [3, 'text', 'repeated'], args: [4, 'text', 'repeated'], working_dir: [5, 'text'],
  envs: [6, { key: [1, 'text'], value: [2, 'text'] }, 'repeated'], mounts: [7, { container_path: [1, 'text'], host_path: [2, 'text'], readonly: [3, 'bool'] }, 'repeated'], log_path: [11, 'text'], tty: [14, 'bool'],
  linux: [15, {
    resources: [1, resources],
    security_context: [2, {
      capabilities: [1, { add_capabilities: [1, 'text', 'repeated'], drop_capabilities: [2, 'text', 'repeated'] }], privileged: [2, 'bool'], namespace_options: [3, namespaces], run_as_user: [5, number], readonly_rootfs: [7, 'bool'],
      supplemental_groups: [8, 'int', 'repeated'], no_new_privs: [11, 'bool'], run_as_group: [12, number], masked_paths: [13, 'text', 'repeated'], readonly_paths: [14, 'text', 'repeated'], seccomp: [15, profile],
    }],
  }],
}
const podId = { pod_sandbox_id: [1, 'text'] }
const containerId = { container_id: [1, 'text'] }
const containerStatus = { id: [1, 'text'], state: [3, 'int'], exit_code: [7, 'int'], reason: [10, 'text'], message: [11, 'text'], log_path: [15, 'text'] }

/** By method: what is asked, and what is answered. */
const methods = {
  Version: [{ version: [1, 'text'] }, { runtime_name: [2, 'text'], runtime_api_version: [4, 'text'] }],
  RunPodSandbox: [{ config: [1, sandbox], runtime_handler: [2, 'text'] }, podId],
  PodSandboxStatus: [podId, { status: [1, { id: [1, 'text'], state: [3, 'int'], network: [5, { ip: [1, 'text'] }] }] }],
  ListPodSandbox: [{}, { items: [1, { id: [1, 'text'] }, 'repeated'] }],
  StopPodSandbox: [podId, {}],
  RemovePodSandbox: [podId, {}],
  CreateContainer: [{ pod_sandbox_id: [1, 'text'], config: [2, container], sandbox_config: [3, sandbox] }, containerId],
  StartContainer: [containerId, {}],
  ContainerStatus: [containerId, { status: [1, containerStatus] }],
  ListContainers: [{}, { containers: [1, { id: [1, 'text'], state: [6, 'int'] }, 'repeated'] }],
  ContainerStats: [containerId, { stats: [1, { cpu: [2, { usage_core_nano_seconds: [2, number] }], memory: [3, { working_set_bytes: [2, number] }] }] }],
  UpdateContainerResources: [{ container_id: [1, 'text'], linux: [2, resources] }, {}],
  StopContainer: [{ container_id: [1, 'text'], timeout: [2, 'int'] }, {}],
  RemoveContainer: [containerId, {}],
  ExecSync: [{ container_id: [1, 'text'], cmd: [2, 'text', 'repeated'], timeout: [3, 'int'] }, { stdout: [1, 'bytes'], stderr: [2, 'bytes'], exit_code: [3, 'int'] }],
}

export class Cri {
  #client

  /** @param {string} path of the engine's socket */
  constructor(path) {
    this.#client = new GrpcClient(path)
  }

  /** @param {keyof typeof methods} method @param {Record<string, unknown>} request @returns {Promise<Record<string, any>>} */
  async ask(method, request = {}) {
    const [asked, answered] = methods[method]
    return decode(answered, await this.#client.call(`/runtime.v1.RuntimeService/${method}`, encode(asked, request)))
  }

  close() {
    this.#client.close()
  }
}
