/**
 * The text with the kernel's octal escapes undone: `a\040b` is `a b`.
 *
 * seq_escape() and mangle() write blank, tab, newline, backslash and `#` so; only ASCII is ever
 * escaped, so `\377` is left as it stands.
 *
 * @see fs/proc_namespace.c mangle(), fs/seq_file.c seq_escape()
 * @example
 * unescapeOctal('/mnt/a\\040b') // '/mnt/a b'
 */
export function unescapeOctal(text: string): string {
  if (!text.includes('\\')) return text
  return text.replace(/\\([01][0-7]{2})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)))
}
