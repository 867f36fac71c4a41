import { nearest } from '../../cli/suggest.ts'
import { OciStore, defaultRoot } from '../state/oci-store.ts'
import { commands, type OciCommandEntry } from './commands.ts'
import { OciUsageError, parseOciFlags, type OciArguments, type OciFlag } from './flags.ts'
import { commandHelp, overview } from './oci-help.ts'
import { OciLog, print } from './log.ts'
import { messageOf } from './message-of.ts'

/** The flags in front of the command, as runc has them. */
export const globalFlags: readonly OciFlag[] = [
  { name: 'root', value: 'DIR', help: 'where containers are written down' },
  { name: 'log', value: 'FILE', help: 'where messages go; default standard error' },
  { name: 'log-format', value: 'FORMAT', help: 'text or json' },
  { name: 'debug', help: 'accepted, and changes nothing' },
  { name: 'systemd-cgroup', help: 'groups made by systemd: not supported' },
  { name: 'rootless', value: 'WHEN', help: 'whether groups are not root\'s to make: true, false, or auto' },
  { name: 'criu', value: 'PATH', help: 'accepted, and changes nothing' },
  { name: 'help', short: 'h', help: 'this text' },
  { name: 'version', short: 'v', help: 'the version' },
]

/** Runs the command that the words name, and ends the process with its exit status: 1 where it is we who failed, 255 in exec. */
export async function main(argv: readonly string[]): Promise<never> {
  let log = new OciLog(undefined, undefined)
  let name = ''
  try {
    const global = parseOciFlags(globalFlags, argv)
    checkFormat(global)
    log = OciLog.open(global.text('log'), global.text('log-format'))
    name = global.operands[0] ?? ''
    process.exit(await dispatch(global, log))
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

async function dispatch(global: OciArguments, log: OciLog): Promise<number> {
  const [name, ...rest] = global.operands
  if (global.has('version') || name === 'version') return show((await import('./version.ts')).versionText())
  if (name === 'help' && rest[0] !== undefined) return show(commandHelp(rest[0], (await entryOf(rest[0]).load()).command))
  if (name === undefined || global.has('help') || name === 'help') return show(overview(globalFlags))
  const { command } = await entryOf(name).load()
  const args = parseOciFlags([...command.flags, { name: 'help', short: 'h', help: 'this text' }], rest)
  if (args.has('help')) return show(commandHelp(name, command))
  const [least, most] = command.operands
  if (args.operands.length < least || args.operands.length > most) throw new OciUsageError(`${name} takes ${command.usage || 'no operands'}, and ${args.operands.length} ${args.operands.length === 1 ? 'was' : 'were'} given; ctrun-oci ${name} --help says more`)
  if (global.has('systemd-cgroup')) throw new OciUsageError('--systemd-cgroup: systemd is not asked for groups by this runtime')
  return command.main(args, {
    store: new OciStore(global.text('root') ?? defaultRoot()), ...rootlessOf(global.text('rootless')), systemdCgroup: global.has('systemd-cgroup'), warn: (message) => log.write('warning', message),
  })
}

/** @throws OciUsageError there is no such command */
function entryOf(name: string): OciCommandEntry {
  const entry = commands.find((each) => each.name === name)
  if (entry) return entry
  const meant = nearest(name, commands.map((each) => each.name))
  throw new OciUsageError(`no such command: ${JSON.stringify(name)}; ${meant === undefined ? 'ctrun-oci --help lists them' : `did you mean ${meant}?`}`)
}

function show(text: string): number {
  print(text)
  return 0
}
