import { statSync } from 'node:fs'
import { join } from 'node:path'
import { UsageError } from '../errors/usage-error.ts'
import type { Arguments, Flag } from './flag.ts'

const path = ['usr/local/sbin', 'usr/local/bin', 'usr/sbin', 'usr/bin', 'sbin', 'bin']

/**
 * What comes after IMAGE is the command. One of our own flags there is a slip, unless the image has a program of that name.
 *
 * @returns a warning, where it may be meant
 * @throws UsageError with the corrected command line
 */
export function checkMisplaced(args: Arguments, flags: readonly Flag[], verb: string): string | undefined {
  const [image = '', first = '', ...rest] = args.operands
  if (args.separated || !first.startsWith('-') || first === '--') return undefined
  const ours = flags.find(({ name, alias, short }) => first.replace(/=.*$/s, '') === `--${name}` || first.replace(/=.*$/s, '') === `--${alias}` || (short !== undefined && first.startsWith(`-${short}`) && !first.startsWith('--')))
  if (!ours) return undefined
  const root = image === 'host' ? '/' : image
  if (path.some((directory) => statSync(join(root, directory, first), { throwIfNoEntry: false }))) return `${first} is taken for the command, not for a flag: flags go before ${image}; ctrun ${verb} -- ${image} … says so`
  const taken = ours.value !== undefined && !first.includes('=') && (first.startsWith('--') || first.length === 2) ? rest.slice(0, 1) : []
  const corrected = ['ctrun', verb, ...args.given.map(({ text }) => text), first, ...taken, image, ...rest.slice(taken.length)].map(quote).join(' ')
  throw new UsageError(`flags go before the image: ${first} comes after ${image}`, { id: 'misplaced-flag', fix: [corrected] })
}

/** As a shell needs it; `--flag value` is two words already. */
function quote(word: string): string {
  return /^[\w@%+=:,./ -]+$/.test(word) && (!word.includes(' ') || word.startsWith('-')) ? word : `'${word.replaceAll('\'', `'\\''`)}'`
}
