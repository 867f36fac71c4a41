// What a program under the module may start processes with.
export { launch } from '../../launch/src/index.ts'
export { sys } from '@ctr/syscall'
