import { readFileSync } from 'node:fs'
import { UsageError } from '../errors/usage-error.ts'
import type { Arguments } from './flag.ts'

/** The variables of `--env-file` and then `-e`: what comes later wins. `-e NAME` alone takes ours, or takes NAME away where we have none. */
export function environmentOf(args: Arguments, ours: NodeJS.ProcessEnv = process.env): Record<string, string> {
  const env: Record<string, string> = Object.create(null) as Record<string, string>
  const set = (text: string, from: string) => {
    const equals = text.indexOf('=')
    const name = equals < 0 ? text : text.slice(0, equals)
    if (name === '' || /\s/.test(name)) throw new UsageError(`${from}: ${JSON.stringify(name)} cannot be the name of a variable`, { id: 'bad-variable' })
    if (text.includes('\0')) throw new UsageError(`${from}: the variable ${name} has a NUL byte in it`, { id: 'nul', fix: ['the kernel ends a string at the first NUL'] })
    const value = equals < 0 ? ours[name] : text.slice(equals + 1)
    if (value === undefined) delete env[name]
    else env[name] = value
  }
  for (const file of args.all('env-file')) for (const [number, line] of linesOf(file)) set(line, `--env-file ${file}, line ${number}`)
  for (const text of args.all('env')) set(text, `-e ${JSON.stringify(text)}`)
  return { ...env }
}

/** @see docker run --env-file: lines as they are, without quoting; `#` at the beginning is a comment */
function linesOf(file: string): [number, string][] {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new UsageError(`--env-file ${file} cannot be read: ${code === 'ENOENT' ? 'it does not exist' : code}`, { id: 'env-file' })
  }
  return text.split(/\r?\n/).flatMap((line, i): [number, string][] => {
    const bare = line.trimStart()
    return bare === '' || bare.startsWith('#') ? [] : [[i + 1, bare]]
  })
}
