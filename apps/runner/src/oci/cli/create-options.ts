import type { CreateOptions } from '../lifecycle/create.ts'
import type { OciArguments, OciFlag } from './flags.ts'
import type { OciContext } from './oci-command.ts'

/** What `create` and `run` have in common. */
export const bundleFlags: readonly OciFlag[] = [
  { name: 'bundle', short: 'b', value: 'DIR', help: 'the directory of config.json; default the working directory' },
  { name: 'console-socket', value: 'SOCKET', help: 'where the terminal of the container is sent' },
  { name: 'pid-file', value: 'FILE', help: 'gets the pid of the first process' },
  { name: 'preserve-fds', value: 'N', help: 'how many descriptors from 3 on the command gets' },
  { name: 'no-pivot', help: 'the host\'s mounts stay below: for a host on its initramfs' },
  { name: 'no-new-keyring', help: 'the session keyring of the caller stays' },
]

export function createOptions(args: OciArguments, { store, rootless, systemdCgroup, note }: OciContext): CreateOptions {
  return {
    // What engines start has the container's standard error.
    store, warn: note, id: args.operands[0]!, bundle: args.text('bundle') ?? '.', consoleSocket: args.text('console-socket'), pidFile: args.text('pid-file'),
    ...(rootless === undefined ? {} : { rootless }), noNewKeyring: args.has('no-new-keyring'), noPivot: args.has('no-pivot'), systemd: systemdCgroup,
  }
}
