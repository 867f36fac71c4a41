import type { Command } from '../command.ts'

export const command: Command = {
  usage: '',
  purpose: 'Builds a container from this machine\'s own files step by step, looks at it from inside and outside, hits its limits, and kills its PID 1. All that is shown is the kernel\'s. About 20 seconds; in a pipe it does not wait.',
  examples: ['tour', 'tour | less', 'explain host sh'],
  flags: [],
  operands: [0, 0, ''],
  async main() {
    const { tour } = await import('../tour/tour.ts')
    await tour()
    return 0
  },
}
