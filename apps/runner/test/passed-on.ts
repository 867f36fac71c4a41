import { readFileSync } from 'node:fs'
import { parseStatus } from '@ctr/caps'

/** Whether a hard limit can be raised again: the machines of CI may not, the guest may. */
export const mayRaiseLimits = parseStatus(readFileSync('/proc/self/status', 'utf8')).effective.includes('CAP_SYS_RESOURCE')

/** The soft and the hard limit of a name in /proc/PID/limits. */
export const limit = (text: string, name: string) => new RegExp(`^${name} {2,}(\\S+) +(\\S+)`, 'm').exec(text)!.slice(1)

/** What a process passes on to its children, as one that is inside finds it. */
const look = `
  echo "descriptors $(ls /proc/self/fd | tr '\\n' ' ')"
  grep -E '^(Sig(Blk|Ign)|Cpus_allowed_list|NoNewPrivs|Seccomp):' /proc/self/status
  echo "umask $(umask)"; echo "nice $(nice)"; echo "oom $(cat /proc/self/oom_score_adj)"; echo "slack $(cat /proc/self/timerslack_ns)"
  echo "ids $(cut -d' ' -f1,5,6,7 /proc/$$/stat)"; echo "environ $(tr '\\0' ' ' < /proc/$$/environ)"; echo "cwd $(pwd)"
  cat /proc/self/limits`

/** The program of another process that looks so in three places: PID 1 of a container, behind init, and by exec. */
export const containers = (config: string) => `
  import { run } from './run.ts'
  import { start } from './start.ts'
  import { exec } from './exec.ts'
  import { find } from './containers.ts'
  import { sys } from '@ctr/syscall'
  import { perform } from '@ctr/syscall/perform'
  // Node unblocks what it was started with, so it is blocked again: for the thread that starts processes.
  perform([sys.rt_sigprocmask('SIG_BLOCK', '~[]', 'a thread that takes no signals')])
  const look = ${JSON.stringify(look)}
  const text = async (stream) => { let all = ''; for await (const chunk of stream) all += chunk; return all }
  const config = { rootfs: 'host', ...${config} }
  const own = await run({ ...config, args: ['sh', '-c', look] })
  const behindInit = await run({ ...config, args: ['sh', '-c', look], init: true })
  await using container = await start({ ...config, args: ['sleep', '100'], name: 'inheritance-' + process.pid })
  const joined = await exec(find(container.name), { args: ['sh', '-c', look] })
  console.log(JSON.stringify([own.stdout, behindInit.stdout, await text(joined.stdout)]))
  container.kill()
  await container.exited
`
