import type { OciCommand } from '../oci-command.ts'
import { capability, processShape, type OciProcess } from '../../config/process-shape.ts'
import { readProcess } from '../../config/read-config.ts'
import { id as idShape } from '../../config/shape.ts'
import { endAtOnce } from '../end-at-once.ts'
import { OciUsageError, wholeNumber, type OciArguments } from '../flags.ts'
import { Foreground } from '../foreground.ts'
import { exec } from '../../lifecycle/exec.ts'

export const command: OciCommand = {
  usage: 'ID [COMMAND [ARG…]]',
  about: 'run another process in a container',
  flags: [
    { name: 'process', short: 'p', value: 'FILE', help: 'the process, as process in config.json' },
    { name: 'detach', short: 'd', help: 'do not wait' }, { name: 'pid-file', value: 'FILE', help: 'gets the pid of the process' },
    { name: 'console-socket', value: 'SOCKET', help: 'where the terminal is sent' }, { name: 'tty', short: 't', help: 'give it a terminal' },
    { name: 'user', short: 'u', value: 'UID[:GID]', help: 'who it runs as' }, { name: 'additional-gids', short: 'g', value: 'GID', many: true, help: 'more groups' },
    { name: 'cwd', value: 'DIR', help: 'its working directory' }, { name: 'env', short: 'e', value: 'NAME=VALUE', many: true, help: 'more of its environment' },
    { name: 'cap', short: 'c', value: 'CAP', many: true, help: 'one more capability' }, { name: 'no-new-privs', help: 'executables give it no privileges' },
    { name: 'apparmor', value: 'PROFILE', help: 'the profile that confines it' }, { name: 'process-label', value: 'LABEL', help: 'the SELinux label that it has' },
    { name: 'preserve-fds', value: 'N', help: 'how many descriptors from 3 on it gets' }, { name: 'ignore-paused', help: 'a paused container too: it runs, and exec returns, when that is resumed' },
    { name: 'cgroup', value: '[CONTROLLERS:]GROUP', many: true, help: 'a group below that of the container, which must be there; with controllers, in their hierarchies of version 1' },
  ],
  operands: [1, Infinity],
  async main(args, { store, warn, note }) {
    const detach = args.has('detach')
    const consoleSocket = args.text('console-socket')
    const here = new Foreground()
    const process = await exec({
      store, warn: detach ? note : warn, id: args.operands[0]!, consoleSocket, pidFile: args.text('pid-file'), preserveFds: wholeNumber(args, 'preserve-fds', 0), ignorePaused: args.has('ignore-paused'), subgroups: args.texts('cgroup'), process: (own) => wanted(args, own),
      ...(detach || consoleSocket ? {} : { onTerminal: here.onTerminal }),
    })
    if (!here.hasTerminal) endAtOnce()
    return detach ? 0 : here.wait(process)
  },
}

/** The process of the file, which has from the container's own what it does not say itself; or that one with what the flags change. */
function wanted(args: OciArguments, own: OciProcess | undefined): OciProcess {
  const file = args.text('process')
  if (file !== undefined) {
    const { capabilities = own?.capabilities, rlimits = [], ...rest } = readProcess(file)
    const limits = rlimits.length > 0 ? rlimits : (own?.rlimits ?? [])
    const read: OciProcess = { ...rest, ...(capabilities ? { capabilities } : {}), ...(limits.length > 0 ? { rlimits: limits } : {}) }
    return args.has('tty') ? { ...read, terminal: true } : read
  }
  const command = args.operands.slice(1)
  if (command.length === 0) throw new OciUsageError('process args cannot be empty')
  if (!own) throw new OciUsageError('the container has no process to take the rest from: exec needs --process')
  const user = args.text('user') || undefined
  const more = args.texts('cap').map((name, i) => capability(name.startsWith('CAP_') ? name : `CAP_${name.toUpperCase()}`, `--cap[${i}]`))
  const { capabilities = {} } = own
  const added = (set: typeof capabilities.bounding = []) => [...new Set([...set, ...more])]
  const process: OciProcess = {
    ...own, args: command, terminal: args.has('tty'), env: [...(own.env ?? []), ...args.texts('env')], cwd: args.text('cwd') ?? own.cwd,
    ...(user === undefined && !args.has('additional-gids') ? {} : { user: userOf(user, args.texts('additional-gids'), own.user) }),
    // Never inheritable: a file with inheritable capabilities would give them back (CVE-2022-29162).
    ...(more.length === 0 ? {} : { capabilities: { ...capabilities, bounding: added(capabilities.bounding), effective: added(capabilities.effective), permitted: added(capabilities.permitted) } }),
    ...(args.has('no-new-privs') ? { noNewPrivileges: true } : {}),
    ...(args.text('apparmor') === undefined ? {} : { apparmorProfile: args.text('apparmor')! }), ...(args.text('process-label') === undefined ? {} : { selinuxLabel: args.text('process-label')! }),
  }
  return processShape(process, '')
}

/** Numbers only: names are for the engine to look up. */
function userOf(text: string | undefined, more: readonly string[], own: OciProcess['user'] = {}): NonNullable<OciProcess['user']> {
  const [uid, gid, extra] = text?.split(':') ?? []
  if (extra !== undefined) throw new OciUsageError(`invalid user ${JSON.stringify(text)}: UID or UID:GID`)
  const number = (word: string | undefined, what: string, fallback: number | undefined) => {
    if (word === undefined) return fallback
    if (!/^\d{1,10}$/.test(word)) throw new OciUsageError(`invalid ${what} ${JSON.stringify(word)}: a number is wanted`)
    return idShape(Number(word), `--user ${what}`)
  }
  return { ...own, ...definite({ uid: number(uid, 'uid', own.uid), gid: number(gid, 'gid', uid === undefined ? own.gid : (own.gid ?? 0)) }), additionalGids: [...(own.additionalGids ?? []), ...more.map((gid) => number(gid, 'gid', 0)!)] }
}

const definite = (ids: { uid: number | undefined; gid: number | undefined }) => ({ ...(ids.uid === undefined ? {} : { uid: ids.uid }), ...(ids.gid === undefined ? {} : { gid: ids.gid }) })
