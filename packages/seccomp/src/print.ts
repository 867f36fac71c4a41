import { actionName } from './action.ts'
import { architectures, nameOf, x32Bit, type Architecture } from './architecture.ts'
import { code as codes, type Instruction } from './instruction.ts'

const mnemonics: Readonly<Record<number, string>> = { [codes.eq]: 'jeq', [codes.gt]: 'jgt', [codes.ge]: 'jge', [codes.set]: 'jset' }

/**
 * The filter as text, one line an instruction, in the notation of `tcpdump -d` and the kernel's bpf_dbg, with a note of what each is about.
 *
 * @param notes false: the notation alone
 * @example
 * print(compile(profile, { machine: 'x64' }).instructions)
 * // (000) ld       [4]                              ; architecture
 * // (001) jeq      #0xc000003e      jt 2	jf 9      ; x86-64
 */
export function print(instructions: readonly Instruction[], { notes = true } = {}): string[] {
  const noted = notes ? noteAll(instructions) : []
  return instructions.map((instruction, at) => {
    const line = `(${String(at).padStart(3, '0')}) ${text(instruction, at)}`
    return noted[at] === undefined ? line : `${line.padEnd(44)} ; ${noted[at]}`
  })
}

function text([code, jt, jf, k]: Instruction, at: number): string {
  const hex = `#0x${k.toString(16)}`
  const jump = mnemonics[code]
  if (jump !== undefined) return `${jump.padEnd(8)} ${hex.padEnd(16)} jt ${at + 1 + jt}\tjf ${at + 1 + jf}`
  switch (code) {
    case codes.load: return `ld       [${k}]`
    case codes.and: return `and      ${hex}`
    case codes.jump: return `ja       ${at + 1 + k}`
    case codes.return: return `ret      ${hex}`
    default: return `.word    ${code}, ${jt}, ${jf}, ${hex}`
  }
}

/** What is known when an instruction is reached: whose call it is, and what is loaded. */
interface State {
  readonly token?: number | undefined
  readonly loaded?: number | undefined
}

/** Jumps lead forward only, so that each instruction is looked at once, after all that lead to it. */
function noteAll(instructions: readonly Instruction[]): (string | undefined)[] {
  const states: (State | undefined)[] = [{}]
  const reach = (at: number, state: State) => {
    const known = states[at]
    states[at] = known === undefined ? state : { token: known.token === state.token ? known.token : undefined, loaded: known.loaded === state.loaded ? known.loaded : undefined }
  }
  return instructions.map(([code, jt, jf, k], at) => {
    const state = states[at]
    if (state === undefined) return 'never reached'
    if (code === codes.return) return actionName(k)
    if (code === codes.jump) return void reach(at + 1 + k, state)
    if (code === codes.load) { reach(at + 1, { ...state, loaded: k }); return wordText(k) }
    if (!(code in mnemonics)) return void reach(at + 1, state)
    reach(at + 1 + jt, state.loaded === 4 && code === codes.eq ? { ...state, token: k } : state)
    reach(at + 1 + jf, state)
    return constantText(state, k)
  })
}

function wordText(offset: number): string {
  const [argument, high] = [Math.floor((offset - 16) / 8), offset % 8 === 4]
  return offset === 0 ? 'number' : offset === 4 ? 'architecture' : offset < 16 ? 'instruction pointer' : `argument ${argument}, ${high ? 'upper' : 'lower'} half`
}

function constantText({ token, loaded }: State, k: number): string | undefined {
  const withToken = (wanted: number | undefined): Architecture | undefined => Object.values(architectures).find((each) => each.token === wanted)
  if (loaded === 4) return withToken(k)?.text
  if (loaded !== 0) return undefined
  const architecture = token === architectures.SCMP_ARCH_X32.token && k >= x32Bit ? architectures.SCMP_ARCH_X32 : withToken(token)
  return architecture && nameOf(k, architecture)
}
