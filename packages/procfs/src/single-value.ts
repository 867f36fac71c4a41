import { hexadecimalQuantity, integer } from './integer.ts'
import { ProcParseError } from './proc-parse-error.ts'

// include/linux/uidgid.h INVALID_UID, include/linux/audit.h AUDIT_SID_UNSET
const UNSET = 2 ** 32 - 1

/** A file of one decimal number. */
export function numberText(text: string, file: string): number {
  return integer(text.trim(), { file, line: 1, text })
}

/** A file of one hexadecimal number. */
export function hexadecimalText(text: string, file: string): number {
  return hexadecimalQuantity(text.trim(), { file, line: 1, text })
}

/** A file of one decimal number, where all ones mean that it was never set. */
export function settableText(text: string, file: string): number | undefined {
  const value = numberText(text, file)
  return value === UNSET ? undefined : value
}

/** A file of one line: without the newline that ends it, though there may be others in it. */
export function lineText(text: string): string {
  return text.replace(/\n$/, '')
}

/** Whether setgroups(2) is permitted. @see user_namespaces(7) */
export function setgroupsText(text: string, file: string): 'allow' | 'deny' {
  const value = text.trim()
  if (value !== 'allow' && value !== 'deny') throw new ProcParseError({ file, line: 1, text }, 'allow or deny')
  return value
}
