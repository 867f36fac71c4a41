/** A parameter of the kernel's command line. */
export interface KernelParameter {
  readonly name: string
  /** Absent without `=`. */
  readonly value?: string
}

/** The kernel's command line taken apart. */
export interface KernelCommandLine {
  /** In order; of a name that occurs twice the kernel usually takes the last. */
  readonly parameters: readonly KernelParameter[]
  /** What follows `--`: arguments of init. */
  readonly init: readonly string[]
}

/** The words, with double quotes that hold blanks together: a quote before the name or behind `=` is not part of it. */
function words(text: string): string[] {
  const found: string[] = []
  let word = ''
  let quoted = false
  for (const character of text) {
    if (character === '"') quoted = !quoted
    if (!quoted && /\s/.test(character)) {
      if (word !== '') found.push(word)
      word = ''
    } else word += character
  }
  return word === '' ? found : [...found, word]
}

/** A pair of quotes that the kernel would take off: around the whole, or around the value. */
const unquoted = (text: string): string => (text.startsWith('"') ? text.slice(1).replace(/"$/, '') : text)

/**
 * The parameters of a /proc/cmdline text.
 *
 * @see Documentation/admin-guide/kernel-parameters.rst, lib/cmdline.c next_arg()
 * @example
 * parseKernelCmdline('root=/dev/vda ro dyndbg="file a +p" -- single\n').parameters[2]?.value // 'file a +p'
 */
export function parseKernelCmdline(text: string): KernelCommandLine {
  const all = words(text)
  const dashes = all.indexOf('--')
  const parameters = (dashes === -1 ? all : all.slice(0, dashes)).map((word) => {
    const whole = unquoted(word)
    const equals = whole.indexOf('=')
    return equals < 1 ? { name: whole } : { name: whole.slice(0, equals), value: unquoted(whole.slice(equals + 1)) }
  })
  return { parameters, init: dashes === -1 ? [] : all.slice(dashes + 1) }
}
