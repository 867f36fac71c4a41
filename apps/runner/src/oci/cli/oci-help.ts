import type { OciFlag } from './flags.ts'
import type { OciCommand } from './oci-command.ts'

const columns = (rows: readonly (readonly [string, string])[]) => {
  const width = Math.max(...rows.map(([left]) => left.length)) + 2
  return rows.map(([left, right]) => `  ${left.padEnd(width)}${right}`).join('\n')
}

const flagText = ({ name, short, value }: OciFlag) => `--${name}${short === undefined ? '' : `, -${short}`}${value === undefined ? '' : ` ${value}`}`
const flagRows = (flags: readonly OciFlag[]) => columns(flags.map((flag) => [flagText(flag), flag.help]))

export function overview(commands: readonly { readonly name: string; readonly about: string }[], globalFlags: readonly OciFlag[]): string {
  return `ctrun-oci - an OCI runtime made of system calls

usage: ctrun-oci [flags] COMMAND [flags] …

commands:
${columns(commands.map(({ name, about }) => [name, about]))}

flags:
${flagRows(globalFlags)}
`
}

export function commandHelp(name: string, command: OciCommand): string {
  return `ctrun-oci ${name} - ${command.about}

usage: ctrun-oci ${name} [flags] ${command.usage}
${command.flags.length === 0 ? '' : `\nflags:\n${flagRows(command.flags)}\n`}`
}
