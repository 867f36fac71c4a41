import type { OciCommand } from './oci-command.ts'

export interface OciCommandEntry {
  readonly name: string
  readonly about: string
  /** Loaded when it is needed: no command needs what all others do. */
  load(): Promise<{ readonly command: OciCommand }>
}

export const commands: readonly OciCommandEntry[] = [
  { name: 'create', about: 'make a container, which then waits for start', load: () => import('./commands/create.ts') },
  { name: 'start', about: 'let the command of a container run', load: () => import('./commands/start.ts') },
  { name: 'run', about: 'create and start, and wait for the end', load: () => import('./commands/run.ts') },
  { name: 'state', about: 'print the state of a container', load: () => import('./commands/state.ts') },
  { name: 'kill', about: 'send a signal to a container', load: () => import('./commands/kill.ts') },
  { name: 'delete', about: 'remove what is left of a container', load: () => import('./commands/delete.ts') },
  { name: 'exec', about: 'run another process in a container', load: () => import('./commands/exec.ts') },
  { name: 'list', about: 'list containers', load: () => import('./commands/list.ts') },
  { name: 'ps', about: 'list the processes of a container', load: () => import('./commands/ps.ts') },
  { name: 'pause', about: 'stop all processes of a container', load: () => import('./commands/pause.ts') },
  { name: 'resume', about: 'let them go on', load: () => import('./commands/resume.ts') },
  { name: 'update', about: 'change the limits of a container', load: () => import('./commands/update.ts') },
  { name: 'events', about: 'print what a container uses', load: () => import('./commands/events.ts') },
  { name: 'features', about: 'print what this runtime can do', load: () => import('./commands/features.ts') },
  { name: 'spec', about: 'write a config.json to begin with', load: () => import('./commands/spec.ts') },
  { name: 'explain', about: 'print the system calls of a bundle; none is made', load: () => import('./commands/explain.ts') },
  { name: 'checkpoint', about: 'write a container to files, with CRIU', load: () => import('./commands/checkpoint.ts') },
  { name: 'restore', about: 'let a container go on from such files', load: () => import('./commands/restore.ts') },
]
