import { OciStore, defaultRoot } from '../state/oci-store.ts'
import { OciUsageError, parseOciFlags, type OciArguments, type OciFlag } from './flags.ts'
import { OciLog, print } from './log.ts'
import { messageOf } from './message-of.ts'
import type { OciCommands } from './oci-command.ts'
import { commandHelp } from './oci-help.ts'

/** The flags in front of the command, as runc has them. */
export const globalFlags: readonly OciFlag[] = [
  { name: 'root', value: 'DIR', help: 'where containers are written down' },
  { name: 'log', value: 'FILE', help: 'where messages go; default standard error' },
  { name: 'log-format', value: 'FORMAT', help: 'text or json' },
  { name: 'debug', help: 'accepted, and changes nothing' },
  { name: 'systemd-cgroup', help: 'groups are made by systemd: cgroupsPath is SLICE:PREFIX:NAME (create, run)' },
  { name: 'rootless', value: 'WHEN', help: 'whether groups are not root\'s to make: true, false, or auto' },
  { name: 'criu', value: 'PATH', help: 'the program that checkpoint and restore are done with; default criu, in PATH' },
  { name: 'help', short: 'h', help: 'this text' },
  { name: 'version', short: 'v', help: 'the version' },
]

/** Runs the command that the words name, and ends the process with its exit status: 1 where it is we who failed, 255 in exec. */
export async function main(argv: readonly string[], commands: OciCommands): Promise<never> {
  let log = new OciLog(undefined, undefined)
  let name = ''
  try {
    const global = parseOciFlags(globalFlags, argv)
    checkFormat(global)
    log = OciLog.open(global.text('log'), global.text('log-format'))
    name = global.operands[0] ?? ''
    process.exit(await dispatch(argv, global, log, commands))
  } catch (error) {
    const message = messageOf(error, name)
    // Who types a command that there is not reads no log.
    if (error instanceof OciUsageError) log.refuse(message, `ctrun-oci: ${message}`)
    else log.fail(message)
    process.exit(name === 'exec' ? 255 : 1)
  }
}

/** As Go reads a boolean. */
function rootlessOf(text = 'auto'): { readonly rootless?: boolean } {
  if (text === 'auto') return {}
  if (/^(1|t|true)$/i.test(text)) return { rootless: true }
  if (/^(0|f|false)$/i.test(text)) return { rootless: false }
  throw new OciUsageError(`invalid value ${JSON.stringify(text)} for flag -rootless: true, false or auto`)
}

function checkFormat(global: OciArguments): void {
  const format = global.text('log-format')
  if (format !== undefined && format !== 'text' && format !== 'json') throw new OciUsageError(`invalid log-format ${JSON.stringify(format)}: text or json`)
}

async function dispatch(argv: readonly string[], global: OciArguments, log: OciLog, commands: OciCommands): Promise<number> {
  const [name = '', ...rest] = global.operands
  const command = global.has('version') || global.has('help') ? undefined : await commands.named(name)
  if (!command) return commands.otherwise(argv, global)
  const args = parseOciFlags([...command.flags, { name: 'help', short: 'h', help: 'this text' }], rest)
  if (args.has('help')) {
    print(commandHelp(name, command))
    return 0
  }
  const [least, most] = command.operands
  if (args.operands.length < least || args.operands.length > most) throw new OciUsageError(`${name} takes ${command.usage || 'no operands'}, and ${args.operands.length} ${args.operands.length === 1 ? 'was' : 'were'} given; ctrun-oci ${name} --help says more`)
  const criu = global.text('criu')
  return command.main(args, {
    store: new OciStore(global.text('root') ?? defaultRoot()), ...rootlessOf(global.text('rootless')), systemdCgroup: global.has('systemd-cgroup'), ...(criu === undefined ? {} : { criu }), warn: (message) => log.write('warning', message), note: (message) => log.note(message),
  })
}
