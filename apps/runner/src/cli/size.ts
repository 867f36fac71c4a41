const units: Readonly<Record<string, number>> = { '': 1, b: 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30, t: 2 ** 40 }

/**
 * Bytes of `20m`, `1.5g`, `512` or `64KiB`: letters are powers of 1024, as Docker has them.
 *
 * @returns undefined when it is not a size
 */
export function parseSize(text: string): number | undefined {
  const [, number, unit = ''] = /^(\d+(?:\.\d+)?|\.\d+) ?(b|[kmgt](?:i?b)?)?$/i.exec(text) ?? []
  if (number === undefined) return undefined
  const bytes = Math.floor(Number(number) * units[unit.slice(0, 1).toLowerCase()]!)
  return Number.isSafeInteger(bytes) ? bytes : undefined
}

/** `20 MiB`, `1.5 GiB`, `812 B`: three digits and the unit. */
export function formatSize(bytes: number, digits = 1): string {
  const names = ['B', 'KiB', 'MiB', 'GiB', 'TiB']
  let at = 0
  while (bytes / 1024 ** at >= 1024 && at < names.length - 1) at++
  const value = bytes / 1024 ** at
  return `${at === 0 || Number.isInteger(value) ? value : value.toFixed(digits)} ${names[at]}`
}
