import { sys, type Program } from '@ctr/syscall'

/** The descriptor of the control socket in a launched process. */
export const control = { fd: 'control' } as const

/**
 * The process tells its parent that it has come this far, and waits for the answer: one byte. End of file instead, which is what the
 * death of the parent looks like, stops the program.
 *
 * @param name what `launch` finds the handler by, in `checkpoints`; `idmap` and `step N` are its own
 * @returns two calls, a write and a read
 * @throws {TypeError} the name is not 1 to 200 printable characters
 */
export function checkpoint(name: string): Program {
  const message = `${name}\n`
  if (!/^[\x20-\x7e]{1,200}$/.test(name)) throw new TypeError(`Cannot call a checkpoint ${JSON.stringify(name)}: it is not 1 to 200 printable characters`)
  return [
    sys.write(control, message, { why: `the parent has work to do here: ${name}`, returns: new TextEncoder().encode(message).length }),
    sys.read(control, { out: 1 }, { why: 'nothing may go on before it is done; end of file means that the parent is gone', returns: 1 }),
  ]
}
