import type { Command } from './command.ts'

interface Entry {
  readonly name: string
  readonly summary: string
  readonly group: string
  load(): Promise<{ readonly command: Command }>
}

const start = 'Start'
const see = 'See'
const act = 'Act'
const learn = 'Learn'

/** Every command, in the order in which help lists them. */
export const commands: readonly Entry[] = [
  { name: 'run', summary: 'run a command in a new container', group: start, load: () => import('./commands/run.ts') },
  { name: 'exec', summary: 'run another command in a container', group: start, load: () => import('./commands/exec.ts') },
  { name: 'ps', summary: 'list containers', group: see, load: () => import('./commands/ps.ts') },
  { name: 'top', summary: 'its processes: PID outside and PID inside', group: see, load: () => import('./commands/top.ts') },
  { name: 'stats', summary: 'what it uses, and what its limits are', group: see, load: () => import('./commands/stats.ts') },
  { name: 'inspect', summary: 'all that is known of it, as JSON', group: see, load: () => import('./commands/inspect.ts') },
  { name: 'stop', summary: 'ask it to end, then kill it', group: act, load: () => import('./commands/stop.ts') },
  { name: 'kill', summary: 'send a signal to its PID 1', group: act, load: () => import('./commands/kill.ts') },
  { name: 'pause', summary: 'let nothing in it run', group: act, load: () => import('./commands/pause.ts') },
  { name: 'unpause', summary: 'let it run again', group: act, load: () => import('./commands/unpause.ts') },
  { name: 'wait', summary: 'wait for its end, print the exit code', group: act, load: () => import('./commands/wait.ts') },
  { name: 'rm', summary: 'forget it', group: act, load: () => import('./commands/rm.ts') },
  { name: 'explain', summary: 'print every system call of a run; make none', group: learn, load: () => import('./commands/explain.ts') },
  { name: 'tour', summary: 'watch a container being built, 20 seconds', group: learn, load: () => import('./commands/tour.ts') },
  { name: 'doctor', summary: 'what this machine can do, and what is missing', group: learn, load: () => import('./commands/doctor.ts') },
  { name: 'version', summary: 'of ctrun, Node and the kernel', group: learn, load: () => import('./commands/version.ts') },
  { name: 'help', summary: 'this, or a command\'s', group: learn, load: () => import('./commands/help.ts') },
]
