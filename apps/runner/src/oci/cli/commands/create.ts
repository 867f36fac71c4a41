import type { OciCommand } from '../oci-command.ts'
import { create } from '../../lifecycle/create.ts'
import { endAtOnce } from '../end-at-once.ts'
import { wholeNumber } from '../flags.ts'
import { bundleFlags, createOptions } from '../create-options.ts'

export const command: OciCommand = {
  usage: 'ID',
  about: 'make a container, which then waits for start',
  flags: bundleFlags,
  operands: [1, 1],
  async main(args, context) {
    await new Promise<void>((resolve, reject) => {
      // The process is let go behind this turn of the event loop: from there on it belongs to whoever started us.
      create({ ...createOptions(args, context), preserveFds: wholeNumber(args, 'preserve-fds', 0), onCreated: () => setImmediate(resolve) }).then(() => resolve(), reject)
    })
    endAtOnce()
    return 0
  },
}
