// What a program beside the package may start processes with.
export { checkpoint, launch } from '../../launch/src/index.ts'
export { sys } from '@ctr/syscall'
export { perform } from '@ctr/syscall/perform'
