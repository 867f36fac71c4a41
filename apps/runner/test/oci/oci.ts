import { spawn } from 'node:child_process'
import { chmodSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ociBundle } from '../bundle.ts'
import { finished, type Finished } from '../ctrun.ts'

export const busybox = '/bin/busybox'

/** Debian's busybox-static, which the root file systems of these tests are made of. */
export const hasBusybox = existsSync(busybox)

const applets = ['sh', 'cat', 'id', 'ls', 'sleep', 'grep', 'true', 'pwd', 'stat', 'hostname', 'touch', 'mkdir', 'mount', 'env', 'readlink', 'tty', 'kill', 'test', 'mknod', 'head', 'tail']

/** A place for bundles and for what the runtime writes down, gone with `remove`. */
export class Bundles {
  readonly directory = mkdtempSync(join(tmpdir(), 'ctr-oci-'))
  readonly root = join(this.directory, 'state')
  readonly rootfs = join(this.directory, 'rootfs')

  constructor() {
    // User 0 of a user namespace has to come to the root file system.
    chmodSync(this.directory, 0o755)
    for (const name of ['bin', 'etc', 'tmp', 'proc', 'sys', 'dev']) mkdirSync(join(this.rootfs, name), { recursive: true })
    copyFileSync(busybox, join(this.rootfs, 'bin/busybox'))
    for (const applet of applets) symlinkSync('busybox', join(this.rootfs, 'bin', applet))
    chmodSync(join(this.rootfs, 'tmp'), 0o1777)
    writeFileSync(join(this.rootfs, 'etc/passwd'), 'root:x:0:0:root:/root:/bin/sh\nuser:x:1000:1000::/home:/bin/sh\n')
  }

  /** A bundle whose command is this shell script. @param change of the configuration */
  bundle(script: string, change: (config: BundleConfig) => void = () => {}): string {
    const directory = mkdtempSync(join(this.directory, 'bundle-'))
    chmodSync(directory, 0o755)
    const config = exampleBundle(this.rootfs, script)
    change(config)
    writeFileSync(join(directory, 'config.json'), JSON.stringify(config))
    return directory
  }

  /** What is written down, drafts included. */
  left(): string[] {
    return existsSync(this.root) ? readdirSync(this.root) : []
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true })
  }
}

/** With the runtime as a command. */
export class OciBench extends Bundles {
  readonly #command: readonly string[]

  private constructor(command: readonly string[]) {
    super()
    this.#command = command
  }

  /** With CTR_OCI_RUNTIME=runc, tests that only use the command line try another runtime: how it is known that they can fail. */
  static async make(): Promise<OciBench> {
    const { CTR_OCI_RUNTIME: other } = process.env
    return new OciBench(other === undefined ? [process.execPath, await ociBundle()] : [other])
  }

  /** Runs the command to its end. */
  oci(...args: string[]): Promise<Finished> {
    const [command, ...words] = this.argv(...args)
    return finished(spawn(command!, words, { stdio: ['pipe', 'pipe', 'pipe'] }))
  }

  /** The same without reading what it prints: what it leaves behind may hold the pipes. */
  detached(...args: string[]): Promise<number | null> {
    const [command, ...words] = this.argv(...args)
    return new Promise((resolve, reject) => spawn(command!, words, { stdio: 'ignore' }).on('error', reject).on('close', resolve))
  }

  /** The words of the command, without any flag. */
  get command(): readonly string[] {
    return this.#command
  }

  argv(...args: string[]): string[] {
    return [...this.#command, '--root', this.root, ...args]
  }
}

/** The groups of a container that chose none itself, in all hierarchies. */
export const groupsOf = (id: string): string[] => ['', ...readdirSync('/sys/fs/cgroup')].map((name) => join('/sys/fs/cgroup', name, `ctrun-oci-${id}`)).filter(existsSync)

/** Whether a process is gone, or is so but for whoever it was left to, who has not waited for it yet. */
export const ended = (pid: number): boolean => !existsSync(`/proc/${pid}`) || /^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))

/** A configuration that a test may change as it likes. */
export type BundleConfig = ReturnType<typeof exampleBundle>

const capabilities = ['CAP_CHOWN', 'CAP_DAC_OVERRIDE', 'CAP_KILL', 'CAP_MKNOD', 'CAP_SETGID', 'CAP_SETUID']

function exampleBundle(rootfs: string, script: string) {
  const kernel = ['nosuid', 'noexec', 'nodev']
  return {
    ociVersion: '1.2.0',
    process: {
      cwd: '/', args: ['sh', '-c', script], env: ['PATH=/bin'], user: { uid: 0, gid: 0 } as Record<string, unknown>,
      capabilities: { bounding: capabilities, effective: capabilities, permitted: capabilities } as Record<string, unknown>,
    } as { cwd: string; args: string[]; env: string[]; user: Record<string, unknown>; capabilities: Record<string, unknown>; [key: string]: unknown },
    root: { path: rootfs } as Record<string, unknown>,
    hostname: 'inside',
    mounts: [
      { destination: '/proc', type: 'proc', source: 'proc', options: kernel },
      { destination: '/dev', type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'mode=755'] },
      { destination: '/dev/pts', type: 'devpts', source: 'devpts', options: ['nosuid', 'noexec', 'newinstance', 'ptmxmode=0666', 'mode=0620', 'gid=5'] },
      { destination: '/sys', type: 'sysfs', source: 'sysfs', options: [...kernel, 'ro'] },
    ] as { destination: string; type: string; source: string; options: string[] }[],
    linux: {
      namespaces: [{ type: 'pid' }, { type: 'mount' }, { type: 'uts' }, { type: 'ipc' }, { type: 'network' }] as { type: string; path?: string }[],
      resources: { devices: [{ allow: false, access: 'rwm' }] } as Record<string, unknown>, maskedPaths: ['/proc/timer_list'], readonlyPaths: ['/proc/sys'],
    } as { namespaces: { type: string; path?: string }[]; resources: Record<string, unknown>; [key: string]: unknown },
    hooks: {} as Record<string, unknown>,
  }
}
