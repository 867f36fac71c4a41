import { elf } from '@ctr/elf'
import type { Machine } from '@ctr/syscall'
import { interpreter } from './interpreter.ts'
import { headerBytes, programAddress } from './layout.ts'
import type { Plan } from './plan.ts'
import { segment } from './segment.ts'
import { weave, type Weaving } from './weave.ts'

const codes = new Map<Machine, Uint8Array>()

/** The interpreter is the same for every program, so it is written once. */
function code(machine: Machine): Uint8Array {
  const known = codes.get(machine) ?? interpreter(machine)
  codes.set(machine, known)
  return known
}

/** The program as the interpreter reads it, to be mapped at `programAddress`. */
export function assembleProgram(plan: Plan, machine: Machine, weaving: Weaving = {}): Uint8Array {
  return programData(plan, machine, weaving).slice()
}

function programData({ program, open, forks }: Plan, machine: Machine, weaving: Weaving): Uint8Array {
  const sides = forks.map((side) => ({ steps: side.program.map((call, index) => ({ call, index })), open: side.open }))
  return segment({ steps: weave(program, weaving), open }, sides, machine)
}

/**
 * A static executable that makes the calls of a plan: the interpreter, and behind it the program as data.
 *
 * The same plan gives the same bytes. It expects the descriptors of `plan.open` under their numbers.
 *
 * @param machine the architecture it is for; it need not be this one
 * @param weaving what is wanted around the calls
 * @returns an ELF file
 * @throws {TypeError} a call refers to a descriptor that no earlier call returns
 * @throws {RangeError} there is a fault at a call that is not there, or the data has more than 64 MiB
 *
 * @example
 * ```ts
 * const image = assemble({ program: [sys.write(1, 'hello\n', 'somebody waits for it')], open: {}, forks: [] }, 'arm64')
 * ```
 */
export function assemble(plan: Plan, machine: Machine, weaving: Weaving = {}): Uint8Array {
  return elf({ machine, code: code(machine), data: programData(plan, machine, weaving), dataAddress: programAddress })
}

/** The interpreter alone, as the file of the package that is used where memfds may not be executed. */
export function packaged(machine: Machine): Uint8Array {
  return elf({ machine, code: code(machine), dataAddress: programAddress, zeroed: headerBytes })
}
