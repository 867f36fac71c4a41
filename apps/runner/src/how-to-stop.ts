import type { Constant } from '@ctr/syscall'
import type { ContainerConfig } from './config.ts'

export interface Stopping {
  readonly signal: Constant<'signal'>
  readonly timeoutSeconds: number
}

/** How a container is stopped: as asked now, else as it was started with, else as Docker does it. */
export function howToStop({ stopSignal, stopTimeoutSeconds }: Pick<ContainerConfig, 'stopSignal' | 'stopTimeoutSeconds'> = {}, asked: { readonly [K in keyof Stopping]?: Stopping[K] | undefined } = {}): Stopping {
  return {
    signal: asked.signal ?? (stopSignal as Constant<'signal'> | undefined) ?? 'SIGTERM',
    timeoutSeconds: asked.timeoutSeconds ?? stopTimeoutSeconds ?? 10,
  }
}
