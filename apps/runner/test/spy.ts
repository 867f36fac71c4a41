/**
 * A program for a container: it looks at every process again and again, through all the links that lead to what a process has open, and
 * writes each new thing it sees as a line of JSON. It runs until it is killed.
 */
export const spy = `
const { closeSync, openSync, readdirSync, readFileSync, readlinkSync, writeSync } = require('fs')
const attempt = (get) => { try { return get() } catch { return undefined } }
const own = new Set(readFileSync('/proc/self/mountinfo', 'utf8').trim().split('\\n').map((line) => line.split(' ')[0]))
const O_PATH = 0o10000000
/** The mount that a link leads to. */
const mountOf = (path) => {
  const fd = openSync(path, O_PATH)
  try { return /^mnt_id:\\s*(\\d+)/m.exec(readFileSync('/proc/self/fdinfo/' + fd, 'utf8'))[1] } finally { closeSync(fd) }
}
const seen = new Set()
const say = (what) => { const line = JSON.stringify(what); if (!seen.has(line)) { seen.add(line); writeSync(1, line + '\\n') } }
say({ ready: true })
for (;;) {
  for (const pid of readdirSync('/proc')) {
    if (!/^\\d+$/.test(pid) || pid === String(process.pid)) continue
    const name = () => (attempt(() => readFileSync('/proc/' + pid + '/comm', 'utf8')) ?? '').trim()
    const before = name()
    say({ comm: before })
    for (const link of ['exe', 'cwd', 'root', ...(attempt(() => readdirSync('/proc/' + pid + '/fd')) ?? []).map((fd) => 'fd/' + fd)]) {
      const path = '/proc/' + pid + '/' + link
      const target = attempt(() => readlinkSync(path))
      const mount = attempt(() => mountOf(path))
      // It may have executed something between the two looks: then which of them the link was of is not known.
      const after = name()
      const comm = before === after ? before : before + ' or ' + after
      // A mount that is none of the container's is the host's. The process may have ended in between.
      if (target !== undefined && mount !== undefined) say({ comm, link: link.replace(/\\d+/, 'N'), target: target.replace(/\\d+/g, 'N'), foreign: !own.has(mount) })
    }
  }
}
`

export interface Seen {
  readonly ready?: true
  /** Of the process that was looked at. */
  readonly comm?: string
  readonly link?: string
  readonly target?: string
  /** It is in a mount that the container does not have. */
  readonly foreign?: boolean
}
