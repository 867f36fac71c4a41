import { checkpoint } from '../../lifecycle/checkpoint.ts'
import { criuFlags, criuWishes } from '../criu-flags.ts'
import { OciUsageError } from '../flags.ts'
import type { OciCommand } from '../oci-command.ts'

export const command: OciCommand = {
  usage: 'ID',
  about: 'write what the processes of a container are and have to files, and end it; needs CRIU',
  flags: [
    ...criuFlags, { name: 'leave-running', help: 'the container goes on' }, { name: 'pre-dump', help: 'only the memory, and the container goes on' },
    { name: 'parent-path', value: 'DIR', help: 'files of a pre-dump, relative to --image-path: only what has changed is written' },
    { name: 'page-server', value: 'ADDRESS:PORT', help: 'where memory is sent to instead' }, { name: 'status-fd', value: 'FD', help: 'not supported: it is for --lazy-pages' },
  ],
  operands: [1, 1],
  async main(args, context) {
    if (args.has('status-fd')) throw new OciUsageError('--status-fd is not supported: it is for --lazy-pages')
    const pageServer = args.text('page-server')
    await checkpoint({
      ...criuWishes(args, context), store: context.store, id: args.operands[0]!, warn: context.warn,
      leaveRunning: args.has('leave-running'), preDump: args.has('pre-dump'), parent: args.text('parent-path') || undefined, ...(pageServer ? { pageServer: serverOf(pageServer) } : {}),
    })
    return 0
  },
}

/** @throws OciUsageError */
function serverOf(text: string): { readonly address: string; readonly port: number } {
  const [, bracketed, plain, port] = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(text) ?? []
  const address = bracketed ?? plain
  if (address === undefined || Number(port) < 1 || Number(port) > 65535) throw new OciUsageError(`--page-server ${JSON.stringify(text)} is not ADDRESS:PORT`)
  return { address, port: Number(port) }
}
