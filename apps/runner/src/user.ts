/** Who the command runs as. */
export interface User {
  readonly uid: number
  readonly gid: number
  /** Supplementary ones, with `gid`: a file that its group may not read must stay so for a setgid program (CVE-2022-36109). */
  readonly groups: readonly number[]
  readonly home: string
}

interface PasswdEntry { readonly name: string; readonly uid: number; readonly gid: number; readonly home: string }
interface GroupEntry { readonly name: string; readonly gid: number; readonly members: readonly string[] }

const lines = (text: string) => text.split('\n').filter((line) => line !== '' && !line.startsWith('#')).map((line) => line.split(':'))

/** 2^32 - 1 is "leave it as it is" to the kernel, and so would be root; more wraps around (CVE-2024-40635). */
const isId = (text: string) => /^\d{1,10}$/.test(text) && Number(text) < 2 ** 32 - 1

/** A number is never a name, whatever the image calls its users (CVE-2016-3697). */
const isNumber = (text: string) => /^\d+$/.test(text)

/** A line whose IDs are none is no entry. @see passwd(5) */
export function parsePasswd(text: string): PasswdEntry[] {
  return lines(text).flatMap(([name = '', , uid = '', gid = '', , home = '/']) => (isId(uid) && isId(gid) ? [{ name, uid: Number(uid), gid: Number(gid), home }] : []))
}

/** @see group(5) */
export function parseGroup(text: string): GroupEntry[] {
  return lines(text).flatMap(([name = '', , gid = '', members = '']) => (isId(gid) ? [{ name, gid: Number(gid), members: members.split(',').filter(Boolean) }] : []))
}

/**
 * Who `name`, `uid`, `name:group` or `uid:gid` is, by the image's own /etc/passwd and /etc/group. A number need not be in them, and is never looked up as a name.
 *
 * The supplementary groups are those that list the user, unless a group is named.
 *
 * @throws RangeError there is no such user or group in the image
 */
export function resolveUser(text: string, passwd: string, group: string): User {
  const [who = '', which, extra] = text.split(':')
  if (extra !== undefined || who === '') throw new RangeError(`Cannot run as ${JSON.stringify(text)}: it is not USER or USER:GROUP`)
  const groups = parseGroup(group)
  const entry = parsePasswd(passwd).find((each) => (isNumber(who) ? each.uid === Number(who) : each.name === who))
  if (!entry && !isId(who)) throw new RangeError(`Cannot run as ${JSON.stringify(who)}: the image has no such user in /etc/passwd`)
  const home = entry?.home || '/'
  const uid = entry?.uid ?? Number(who)
  if (which !== undefined) {
    const named = groups.find((each) => (isNumber(which) ? each.gid === Number(which) : each.name === which))
    if (!named && !isId(which)) throw new RangeError(`Cannot run as group ${JSON.stringify(which)}: the image has no such group in /etc/group`)
    const gid = named?.gid ?? Number(which)
    return { uid, gid, groups: [gid], home }
  }
  const gid = entry?.gid ?? 0
  const listed = entry ? groups.filter((each) => each.members.includes(entry.name)).map((each) => each.gid) : []
  return { uid, gid, groups: [...new Set([gid, ...listed])].sort((a, b) => a - b), home }
}
