export { assembler, type Assembler } from './assembler.ts'
export { baseAddress, codeAddress, elf, pageSize, type Executable } from './elf.ts'
export type { Condition, Width } from './instructions.ts'
export type { Machine, Reg } from './registers.ts'
