import { restore } from '../../lifecycle/restore.ts'
import { criuFlags, criuWishes } from '../criu-flags.ts'
import { Foreground } from '../foreground.ts'
import type { OciCommand } from '../oci-command.ts'

export const command: OciCommand = {
  usage: 'ID',
  about: 'let a container go on from the files of checkpoint; needs CRIU',
  flags: [
    { name: 'bundle', short: 'b', value: 'DIR', help: 'the directory of config.json, like that of the container; default the working directory' },
    ...criuFlags, { name: 'console-socket', value: 'SOCKET', help: 'where the terminal of the container is sent' }, { name: 'detach', short: 'd', help: 'do not wait' }, { name: 'pid-file', value: 'FILE', help: 'gets the pid of the first process' },
    { name: 'no-subreaper', help: 'accepted: this is none' }, { name: 'no-pivot', help: 'accepted: CRIU changes the root' },
    { name: 'lsm-profile', value: 'TYPE:NAME', help: 'the profile of AppArmor or label of SELinux instead of that in the files' }, { name: 'lsm-mount-context', value: 'CONTEXT', help: 'the SELinux label of mounts instead of that in the files' },
  ],
  operands: [1, 1],
  async main(args, context) {
    const { store, rootless, systemdCgroup, warn } = context
    const here = new Foreground()
    const consoleSocket = args.text('console-socket')
    const detach = args.has('detach')
    const { process, remove } = await restore({
      ...criuWishes(args, context), store, id: args.operands[0]!, bundle: args.text('bundle') ?? '.', rootless, systemd: systemdCgroup, pidFile: args.text('pid-file'), consoleSocket, warn,
      ...(detach || consoleSocket ? {} : { onTerminal: here.onTerminal }),
    })
    if (detach) return 0
    const status = await here.wait(process)
    await remove()
    return status
  },
}
