import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readlinkSync } from 'node:fs'
import { finished, until, type Finished } from './ctrun.ts'

const works = (command: string) => spawnSync('unshare', ['--net', 'sh', '-c', command], { stdio: 'ignore' }).status === 0

/** Why there are no network devices to try; false where there are. */
export const noDevices: string | false = process.getuid?.() !== 0 ? 'needs root' : works('ip link add name one type veth peer name other') ? false : 'needs ip (Debian package iproute2) and a kernel with veth'

/** A network namespace of a test's own, in which commands are run as if it were the machine's. It is gone with `close`, and its devices with it. */
export class Network {
  readonly #holder: ChildProcess
  /** Its last process has ended. */
  readonly closed: Promise<unknown>

  private constructor(holder: ChildProcess) {
    this.#holder = holder
    this.closed = once(holder, 'exit')
  }

  static async make(): Promise<Network> {
    const network = new Network(spawn('unshare', ['--net', 'sleep', '600'], { stdio: 'ignore' }))
    await until(() => readlinkSync(network.path) !== readlinkSync('/proc/self/ns/net'), 'it is there')
    return network
  }

  get path(): string {
    return `/proc/${this.#holder.pid}/ns/net`
  }

  /** The words that run others in it. */
  argv(...words: string[]): string[] {
    return ['nsenter', `--net=${this.path}`, '--', ...words]
  }

  /** Runs a command in it to its end. */
  run(...words: string[]): Promise<Finished> {
    const [command, ...args] = this.argv(...words)
    return finished(spawn(command!, args, { stdio: ['pipe', 'pipe', 'pipe'] }))
  }

  /** Runs lines of ip(8), all of which must succeed. */
  async ip(...lines: string[]): Promise<void> {
    const [command, ...args] = this.argv('ip', '-batch', '-')
    const { code, stderr } = await finished(spawn(command!, args, { stdio: ['pipe', 'pipe', 'pipe'] }), `${lines.join('\n')}\n`)
    if (code !== 0) throw new Error(`ip: ${stderr}`)
  }

  /** What ip(8) says of its devices, but for what changes by itself. */
  async devices(): Promise<readonly Device[]> {
    const { stdout } = await this.run('ip', '-json', 'address', 'show')
    return (JSON.parse(stdout) as Shown[]).map((shown) => ({
      name: shown.ifname, index: shown.ifindex, mtu: shown.mtu, mac: shown.address, up: shown.flags.includes('UP'),
      addresses: shown.addr_info.map((each) => `${each.local}${each.address === undefined ? '' : ` peer ${each.address}`}/${each.prefixlen} ${each.scope}${each.label === undefined ? '' : ` ${each.label}`}${each.dynamic ? ' dynamic' : ''}`).sort(),
    }))
  }

  close(): void {
    this.#holder.kill('SIGKILL')
  }
}

export interface Device {
  readonly name: string
  readonly index: number
  readonly mtu: number
  readonly mac: string
  readonly up: boolean
  /** `10.0.0.1/24 global eth0` */
  readonly addresses: readonly string[]
}

interface Shown {
  readonly ifname: string
  readonly ifindex: number
  readonly mtu: number
  readonly address: string
  readonly flags: readonly string[]
  readonly addr_info: readonly { readonly local: string; readonly address?: string; readonly prefixlen: number; readonly scope: string; readonly label?: string; readonly dynamic?: boolean }[]
}
