import type { OciCommand } from '../oci-command.ts'
import { bundleFlags, createOptions } from '../create-options.ts'
import { endAtOnce } from '../end-at-once.ts'
import { wholeNumber } from '../flags.ts'
import { Foreground } from '../foreground.ts'
import { run } from '../../lifecycle/run.ts'

export const command: OciCommand = {
  usage: 'ID',
  about: 'create and start, and wait for the end',
  flags: [...bundleFlags, { name: 'detach', short: 'd', help: 'do not wait' }, { name: 'keep', help: 'leave the container when it has ended, for delete' }, { name: 'no-subreaper', help: 'accepted: this is none' }],
  operands: [1, 1],
  async main(args, context) {
    const detach = args.has('detach')
    const here = new Foreground()
    const options = createOptions(args, context)
    const { process, remove } = await run({ ...options, warn: context.warn, preserveFds: wholeNumber(args, 'preserve-fds', 0), ...(detach || options.consoleSocket ? {} : { onTerminal: here.onTerminal }) })
    if (!here.hasTerminal) endAtOnce()
    if (detach) return 0
    const status = await here.wait(process)
    if (!args.has('keep')) await remove()
    return status
  },
}
