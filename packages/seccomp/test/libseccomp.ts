/** libseccomp itself, through koffi: the filter that it makes of a profile added rule by rule as runc adds them. */
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import koffi from 'koffi'
import { returnValue } from '../src/action.ts'
import { architecturesOf, type Architecture } from '../src/architecture.ts'
import type { Instruction, Operator, Profile } from '../src/index.ts'

type Call = (...args: readonly unknown[]) => number

function load(): ((name: string, result: string, args: readonly string[]) => Call) | undefined {
  for (const name of ['libseccomp.so.2', 'libseccomp.so']) {
    try {
      const library = koffi.load(name)
      return (func, result, args) => library.func(func, result, [...args]) as Call
    } catch { /* not installed */ }
  }
  return undefined
}

const library = load()
/** There is a libseccomp to compare with: Debian package libseccomp2. */
export const installed = library !== undefined

const bind = (name: string, result: string, args: readonly string[]) => (library ? library(name, result, args) : (): never => { throw new Error('libseccomp is not installed') })
const seccomp = {
  init: bind('seccomp_init', 'void *', ['uint32']),
  release: bind('seccomp_release', 'void', ['void *']),
  archAdd: bind('seccomp_arch_add', 'int', ['void *', 'uint32']),
  attrSet: bind('seccomp_attr_set', 'int', ['void *', 'int', 'uint32']),
  resolveOn: bind('seccomp_syscall_resolve_name_arch', 'int', ['uint32', 'str']),
  resolve: bind('seccomp_syscall_resolve_name', 'int', ['str']),
  ruleAdd: bind('seccomp_rule_add_array', 'int', ['void *', 'uint32', 'int', 'uint', 'void *']),
  exportBpf: bind('seccomp_export_bpf', 'int', ['void *', 'int']),
}

/** seccomp.h: enum scmp_compare, SCMP_ARCH_X32, SCMP_FLTATR_CTL_OPTIMIZE. */
const operators: Readonly<Record<Operator, number>> = { SCMP_CMP_NE: 1, SCMP_CMP_LT: 2, SCMP_CMP_LE: 3, SCMP_CMP_EQ: 4, SCMP_CMP_GE: 5, SCMP_CMP_GT: 6, SCMP_CMP_MASKED_EQ: 7 }
const x32 = 0x4000003e
const optimize = 8
const unknownName = -1

/** The name is one that the installed libseccomp has a number for, on some architecture. */
export const knows = (name: string): boolean => seccomp.resolve(name) !== unknownName

/** libseccomp's number for the name on an architecture, x32's with its bit; negative where it has none. */
export const numberByLibseccomp = (name: string, architecture: Architecture): number => seccomp.resolveOn(tokenFor(architecture), name)

const tokenFor = ({ name, token }: Architecture) => (name === 'SCMP_ARCH_X32' ? x32 : token)

/** The profile without the names that the installed libseccomp does not know. */
export function known(profile: Profile): Profile {
  const syscalls = (profile.syscalls ?? []).map((rule) => ({ ...rule, names: rule.names.filter(knows) })).filter(({ names }) => names.length > 0)
  return { ...profile, syscalls }
}

/** @param tree 2: the binary tree; 1: libseccomp's default, by priority */
export function libseccompFilter(profile: Profile, tree: 1 | 2): Instruction[] {
  const defaultAction = returnValue(profile.defaultAction, profile.defaultErrnoRet)
  const context = seccomp.init(defaultAction)
  const directory = mkdtempSync(join(tmpdir(), 'ctr-libseccomp-'))
  try {
    for (const architecture of architecturesOf(profile.architectures, 'x64').slice(1)) check('seccomp_arch_add', seccomp.archAdd(context, tokenFor(architecture)))
    check('seccomp_attr_set', seccomp.attrSet(context, optimize, tree))
    for (const rule of profile.syscalls ?? []) {
      const action = returnValue(rule.action, rule.errnoRet)
      if (action === defaultAction) continue
      const args = rule.args ?? []
      const lists = new Set(args.map(({ index }) => index)).size < args.length ? args.map((each) => [each]) : [args]
      for (const name of rule.names) for (const list of lists) {
        const bytes = Buffer.alloc(Math.max(1, list.length) * 24)
        for (const [i, { index, op, value, valueTwo }] of list.entries()) {
          bytes.writeUInt32LE(index, i * 24)
          bytes.writeUInt32LE(operators[op], i * 24 + 4)
          bytes.writeBigUInt64LE(BigInt(value), i * 24 + 8)
          bytes.writeBigUInt64LE(BigInt(valueTwo ?? 0), i * 24 + 16)
        }
        check(`seccomp_rule_add ${name}`, seccomp.ruleAdd(context, action, seccomp.resolve(name), list.length, bytes))
      }
    }
    const file = openSync(join(directory, 'filter'), 'w')
    check('seccomp_export_bpf', seccomp.exportBpf(context, file))
    closeSync(file)
    const bytes = readFileSync(join(directory, 'filter'))
    return Array.from({ length: bytes.length / 8 }, (_, i) => [bytes.readUInt16LE(i * 8), bytes[i * 8 + 2]!, bytes[i * 8 + 3]!, bytes.readUInt32LE(i * 8 + 4)])
  } finally {
    seccomp.release(context)
    rmSync(directory, { recursive: true })
  }
}

function check(what: string, result: number): void {
  if (result < 0) throw new Error(`${what}: ${result}`)
}
