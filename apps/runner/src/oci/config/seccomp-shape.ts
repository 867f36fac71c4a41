import { absolutePath, ConfigError, integer, list, nonEmpty, nullable, object, oneOf, text, uint64, where, type Read } from './shape.ts'

const action = oneOf('SCMP_ACT_KILL', 'SCMP_ACT_KILL_PROCESS', 'SCMP_ACT_KILL_THREAD', 'SCMP_ACT_TRAP', 'SCMP_ACT_ERRNO', 'SCMP_ACT_TRACE', 'SCMP_ACT_ALLOW', 'SCMP_ACT_LOG', 'SCMP_ACT_NOTIFY')

/** MAX_ERRNO of linux/err.h: what is more would not be an errno. */
const errno = nullable(integer(0, 4095))

const operator = oneOf('SCMP_CMP_NE', 'SCMP_CMP_LT', 'SCMP_CMP_LE', 'SCMP_CMP_EQ', 'SCMP_CMP_GE', 'SCMP_CMP_GT', 'SCMP_CMP_MASKED_EQ')

const rule = object({ names: where(list(nonEmpty), (names) => names.length > 0, 'a list of at least one name'), action }, {
  errnoRet: errno, args: list(object({ index: integer(0, 5), value: uint64, op: operator }, { valueTwo: uint64 })),
})

const architecture = oneOf(
  'SCMP_ARCH_X86', 'SCMP_ARCH_X86_64', 'SCMP_ARCH_X32', 'SCMP_ARCH_ARM', 'SCMP_ARCH_AARCH64', 'SCMP_ARCH_LOONGARCH64', 'SCMP_ARCH_M68K', 'SCMP_ARCH_MIPS', 'SCMP_ARCH_MIPS64', 'SCMP_ARCH_MIPS64N32',
  'SCMP_ARCH_MIPSEL', 'SCMP_ARCH_MIPSEL64', 'SCMP_ARCH_MIPSEL64N32', 'SCMP_ARCH_PPC', 'SCMP_ARCH_PPC64', 'SCMP_ARCH_PPC64LE', 'SCMP_ARCH_S390', 'SCMP_ARCH_S390X', 'SCMP_ARCH_SH', 'SCMP_ARCH_SHEB',
  'SCMP_ARCH_PARISC', 'SCMP_ARCH_PARISC64', 'SCMP_ARCH_RISCV64',
)

const shape = object({ defaultAction: action }, {
  defaultErrnoRet: errno, architectures: list(architecture), listenerPath: absolutePath, listenerMetadata: text, syscalls: list(rule),
  flags: list(oneOf('SECCOMP_FILTER_FLAG_TSYNC', 'SECCOMP_FILTER_FLAG_LOG', 'SECCOMP_FILTER_FLAG_SPEC_ALLOW', 'SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV')),
})

/** @see OCI runtime-spec config-linux.md, Seccomp */
export const seccompShape: typeof shape = (value, path) => {
  const read = shape(value, path)
  const { defaultAction, syscalls = [], listenerPath, listenerMetadata } = read
  if (defaultAction === 'SCMP_ACT_NOTIFY') throw new ConfigError(`${path}.defaultAction`, 'SCMP_ACT_NOTIFY cannot be the default, for nobody could receive the first call')
  for (const [i, { action, names }] of syscalls.entries()) {
    if (action !== 'SCMP_ACT_NOTIFY') continue
    if (listenerPath === undefined) throw new ConfigError(`${path}.syscalls[${i}].action`, 'SCMP_ACT_NOTIFY needs a listenerPath')
    if (names.includes('write')) throw new ConfigError(`${path}.syscalls[${i}].names`, 'write cannot be asked about: by it the agent is told of the listener')
  }
  if (listenerMetadata !== undefined && listenerPath === undefined) throw new ConfigError(`${path}.listenerMetadata`, 'it needs a listenerPath')
  return read
}

export type OciSeccomp = Read<typeof shape>
