import type { Command } from '../command.ts'
import { inspection } from '../inspection.ts'
import { print } from '../output.ts'
import { target } from '../target.ts'
import { fillTemplate } from '../template.ts'

export const command: Command = {
  usage: '[--format TEMPLATE] CONTAINER…',
  purpose: 'Prints all that is known of containers, as JSON under the names that Docker uses, or a part of it.',
  examples: ['inspect web', 'inspect --format \'{{.State.Pid}}\' web', 'inspect -f \'{{json .Mounts}}\' web'],
  flags: [{ name: 'format', short: 'f', value: 'TEMPLATE', help: '{{.A.B}} and {{json .A}}' }, { name: 'json', help: 'errors as JSON too' }],
  operands: [1, Infinity, 'a container'],
  async main(args) {
    const found = (await Promise.all(args.operands.map(target))).map(inspection)
    const template = args.one('format')
    if (template === undefined || template === 'json') print(JSON.stringify(found, null, 4) + '\n')
    else print(found.map((each) => fillTemplate(template, each) + '\n').join(''))
    return 0
  },
}
