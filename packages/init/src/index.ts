export { initElf } from './init.ts'
export type { InitOptions } from './options.ts'
export type { SignalName } from './kernel.ts'
