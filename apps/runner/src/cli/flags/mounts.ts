import { resolve } from 'node:path'
import type { Mount } from '../../config.ts'
import { UsageError } from '../errors/usage-error.ts'
import { parseSize } from '../size.ts'

/** A mount of `-v SRC:DST[:ro]`. A relative source is meant from here. */
export function parseVolume(text: string): Mount {
  const parts = text.split(':')
  const [source = '', target, options = ''] = parts
  const wrong = (message: string, ...fix: string[]) => new UsageError(`-v ${JSON.stringify(text)}: ${message}`, { id: 'bad-volume', fix })
  if (parts.length > 3) throw wrong('too many colons', 'SRC:DST or SRC:DST:ro')
  if (target === undefined) throw wrong('volumes without a source do not exist here', `-v ./data:${source} binds a directory`, `--tmpfs ${source} keeps it in memory`)
  if (source === '') throw wrong('the source is empty')
  if (!source.startsWith('/') && !source.startsWith('.') && !source.startsWith('~')) throw wrong('named volumes do not exist here', `-v ./${source}:${target} binds the directory ${source}`)
  checkTarget(`-v ${JSON.stringify(text)}`, target)
  const readOnly = options.split(',').filter(Boolean).map((option) => {
    if (option === 'ro' || option === 'rw') return option === 'ro'
    throw wrong(`unknown option ${JSON.stringify(option)}`, 'ro and rw are the options')
  }).includes(true)
  return { type: 'bind', source: resolve(source), target, ...(readOnly ? { readOnly } : {}) }
}

/** A mount of `--tmpfs DST[:size=64m,mode=1777,…]`. */
export function parseTmpfs(text: string): Mount {
  const colon = text.indexOf(':')
  const target = colon < 0 ? text : text.slice(0, colon)
  checkTarget(`--tmpfs ${JSON.stringify(text)}`, target)
  return tmpfs(`--tmpfs ${JSON.stringify(text)}`, target, colon < 0 ? [] : text.slice(colon + 1).split(',').filter(Boolean))
}

/** A mount of `--mount type=bind,src=SRC,dst=DST,ro` or `type=tmpfs,dst=DST,tmpfs-size=64m`. */
export function parseMount(text: string): Mount {
  const spelled = `--mount ${JSON.stringify(text)}`
  const pairs = text.split(',').map((pair) => [pair.replace(/=.*$/s, ''), pair.includes('=') ? pair.slice(pair.indexOf('=') + 1) : undefined] as const)
  const fields = new Map<string, string | undefined>()
  for (const [key, value] of pairs) {
    const name = names[key]
    if (name === undefined) throw new UsageError(`${spelled}: unknown part ${JSON.stringify(key)}`, { id: 'bad-mount', fix: [`known are ${[...new Set(Object.keys(names))].join(', ')}`] })
    fields.set(name, value)
  }
  const type = fields.get('type')
  if (type !== 'bind' && type !== 'tmpfs') throw new UsageError(`${spelled}: the type is ${type === undefined ? 'missing' : JSON.stringify(type)}`, { id: 'bad-mount', fix: ['type=bind or type=tmpfs'] })
  const target = fields.get('target') ?? ''
  checkTarget(spelled, target)
  if (type === 'tmpfs') return tmpfs(spelled, target, [['size', fields.get('size')], ['mode', fields.get('mode')]].flatMap(([key, value]) => (value === undefined ? [] : [`${key}=${value}`])))
  const source = fields.get('source')
  if (!source) throw new UsageError(`${spelled}: a bind mount needs src=`, { id: 'bad-mount' })
  const readOnly = fields.has('readonly') && (fields.get('readonly') ?? 'true') === 'true'
  return { type: 'bind', source: resolve(source), target, ...(readOnly ? { readOnly } : {}) }
}

const names: Readonly<Record<string, string>> = {
  type: 'type', src: 'source', source: 'source', dst: 'target', target: 'target', destination: 'target',
  ro: 'readonly', readonly: 'readonly', 'tmpfs-size': 'size', 'tmpfs-mode': 'mode',
}

function tmpfs(spelled: string, target: string, options: readonly string[]): Mount {
  let sizeBytes: number | undefined
  let mode: number | undefined
  const rest: string[] = []
  for (const option of options) {
    const [key = '', value = ''] = option.split('=')
    if (key === 'size') {
      sizeBytes = parseSize(value)
      if (sizeBytes === undefined) throw new UsageError(`${spelled}: ${JSON.stringify(value)} is not a size`, { id: 'bad-size', fix: ['a number and k, m or g: size=64m'] })
    } else if (key === 'mode') {
      if (!/^[0-7]{3,4}$/.test(value)) throw new UsageError(`${spelled}: ${JSON.stringify(value)} is not a mode`, { id: 'bad-mode', fix: ['three or four octal digits: mode=1777'] })
      mode = Number.parseInt(value, 8)
    } else rest.push(option)
  }
  return { type: 'tmpfs', target, ...(sizeBytes === undefined ? {} : { sizeBytes }), ...(mode === undefined ? {} : { mode }), ...(rest.length === 0 ? {} : { options: rest }) }
}

function checkTarget(spelled: string, target: string): void {
  if (!target.startsWith('/')) throw new UsageError(`${spelled}: the place inside the container must be absolute, not ${JSON.stringify(target)}`, { id: 'bad-target' })
  if (/^\/(\.?\/?)*$/.test(target)) throw new UsageError(`${spelled}: nothing can be mounted on /`, { id: 'bad-target', fix: ['IMAGE is the root: a directory can be one'] })
}
