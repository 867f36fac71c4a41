#!/usr/bin/env node
/**
 * Writes src/numbers.ts, src/constants.ts and src/errno-table.ts from the kernel's headers, so that no value is typed from memory.
 * Needs the Debian packages linux-libc-dev, linux-libc-dev-arm64-cross and libc6-dev. `--check` compares instead of writing.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const source = join(dirname(fileURLToPath(import.meta.url)), '../src')
const roots = {
  x64: ['/usr/include/x86_64-linux-gnu', '/usr/include'],
  arm64: ['/usr/aarch64-linux-gnu/include'],
}
const headers = ['asm/unistd_64.h', 'asm/unistd.h', 'asm/errno.h', 'asm/fcntl.h', 'asm/signal.h', 'asm/mman.h', 'asm/ioctls.h', 'asm/resource.h', 'asm/poll.h', 'asm-generic/ioctl.h',
  'linux/mman.h', 'linux/fcntl.h', 'linux/openat2.h', 'linux/mount.h', 'linux/sched.h', 'linux/close_range.h', 'linux/memfd.h', 'linux/sockios.h', 'linux/if.h', 'linux/nsfs.h',
  'linux/fs.h', 'linux/xattr.h', 'linux/stat.h', 'linux/in.h', 'linux/prctl.h', 'linux/securebits.h', 'linux/capability.h', 'linux/wait.h', 'linux/resource.h', 'linux/ioprio.h',
  'linux/personality.h', 'linux/keyctl.h', 'linux/time.h', 'linux/seccomp.h', 'linux/bpf.h', 'linux/mempolicy.h']
// Not in the uapi headers: these families are the C library's (identical on both architectures).
const libc = ['/usr/include/x86_64-linux-gnu/bits/socket.h', '/usr/include/x86_64-linux-gnu/bits/socket_type.h', '/usr/include/x86_64-linux-gnu/sys/socket.h', '/usr/include/unistd.h', '/usr/include/x86_64-linux-gnu/sys/mount.h', '/usr/include/x86_64-linux-gnu/bits/eventfd.h']
// In no header of Debian 12's kernel 6.1, each with the place it is defined.
const newer = {
  MFD_NOEXEC_SEAL: 0x8, MFD_EXEC: 0x10, // include/uapi/linux/memfd.h, Linux 6.3
  F_SEAL_EXEC: 0x20, // include/uapi/linux/fcntl.h, Linux 6.3
  MPOL_WEIGHTED_INTERLEAVE: 6, // include/uapi/linux/mempolicy.h, Linux 6.9
  SUID_DUMP_DISABLE: 0, SUID_DUMP_USER: 1, // include/linux/sched/coredump.h; the values are in prctl(2), PR_SET_DUMPABLE
  IFF_UP: 1, IFF_BROADCAST: 2, IFF_LOOPBACK: 8, IFF_POINTOPOINT: 16, IFF_RUNNING: 64, // include/uapi/linux/if.h, hidden behind a #if
  SCHED_OTHER: 0, // SCHED_NORMAL in include/uapi/linux/sched.h: POSIX and sched(7) call it so
  KEY_POS_VIEW: 0x01000000, KEY_POS_READ: 0x02000000, KEY_POS_WRITE: 0x04000000, KEY_POS_SEARCH: 0x08000000, KEY_POS_LINK: 0x10000000, KEY_POS_SETATTR: 0x20000000, // include/linux/key.h
  KEY_USR_VIEW: 0x00010000, KEY_USR_READ: 0x00020000, KEY_USR_SEARCH: 0x00080000, KEY_USR_LINK: 0x00100000, // include/linux/key.h
  PROT_NONE: 0, MOVE_MOUNT_SET_GROUP: 0x100, // include/uapi/linux/mount.h
}

/** What ioctl requests have in them: sizes that the headers leave to the compiler. */
const sizes = { int: 4, 'unsigned int': 4, __u64: 8, 'struct seccomp_notif': 80, 'struct seccomp_notif_resp': 24, 'struct seccomp_notif_addfd': 24 }

class Definitions {
  values = new Map()
  read(file) {
    if (!existsSync(file)) return
    const text = readFileSync(file, 'utf8').replace(/\\\n/g, ' ').replace(/\/\*[\s\S]*?\*\//g, ' ').replace(/\/\/.*$/gm, '')
    for (const m of text.matchAll(/^[ \t]*#[ \t]*define[ \t]+(\w+)[ \t]+(.+?)[ \t]*$/gm)) if (m[1] !== m[2] && !this.values.has(m[1])) this.values.set(m[1], m[2])
    for (const body of text.matchAll(/enum\s*\w*\s*\{([^}]*)\}/g)) {
      let next = '0'
      for (const item of body[1].replace(/^#.*$/gm, '').split(',').map((s) => s.trim()).filter(Boolean)) {
        const [name, value = next] = item.split('=').map((s) => s.trim())
        if (/^\w+$/.test(name)) { if (!this.values.has(name)) this.values.set(name, value); next = `(${name})+1` }
      }
    }
    for (const m of text.matchAll(/^#include <(asm-generic\/[\w/.-]+|asm\/unistd_64\.h|linux\/mman\.h|asm\/bitsperlong\.h)>/gm)) for (const root of this.roots) this.read(join(root, m[1]))
  }
  constructor(roots, files) { this.roots = roots; for (const f of files) { if (f.startsWith('/')) this.read(f); else for (const r of roots) this.read(join(r, f)) } }
  /** `#define __NR_stat __NR3264_stat` names a call that 64-bit arm64 does not have: undefined. */
  number(name) {
    const raw = this.values.get(name)
    return raw === undefined || /^\d+$/.test(raw) ? raw && Number(raw) : this.number(raw)
  }
  value(name) {
    if (!this.values.has(name)) return undefined
    const raw = this.values.get(name)
    if (raw === name) return undefined
    let e = raw.replace(/\(\s*(?:unsigned|int|__sighandler_t|__force|long|\s)+\s*\)/g, '').replace(/\b(0x[\da-fA-F]+|\d+)[uUlL]+\b/g, '$1').replace(/\bissecure_mask\s*\(/g, '(1<<(')
    if (raw.includes('issecure_mask')) e += ')'
    e = e.replace(/\b_IO\s*\(\s*([^,]+),\s*([^)]+)\)/g, '((($1)<<8)|($2))')
    e = e.replace(/\bSECCOMP_IO(W|R|WR)?\s*\(/g, '_IO$1(SECCOMP_IOC_MAGIC, ')
    e = e.replace(/\b_IO(W|R|WR)\s*\(\s*([^,]+),\s*([^,]+),\s*([^)]+)\)/g, (_, d, t, n, type) => `((${{ W: 1, R: 2, WR: 3 }[d]}*0x40000000)+(${sizes[type.trim()] ?? NaN}<<16)+((${t})<<8)+(${n}))`)
    e = e.replace(/'(.)'/g, (_, c) => String(c.charCodeAt(0)))
    e = e.replace(/\b([A-Za-z_]\w*)\b(?!\s*\()/g, (w) => { const v = this.value(w); if (v === undefined) throw new Error(`${name} = ${raw}: unknown ${w}`); return String(v) })
    e = e.replace(/\b0([0-7]+)\b/g, '0o$1')
    if (!/^[\s\dxXa-fA-Fo()|+*<&~-]+$/.test(e)) throw new Error(`${name} = ${raw} -> ${e}`)
    const n = Number(Function(`"use strict"; return (${e.replace(/\b(0x[\da-fA-F]+|0o[0-7]+|\d+)\b/g, '$1n').replace(/0x40000000n/g, '0x40000000n')})`)())
    return n < 0 ? n : n
  }
}

const { families } = await import(pathToFileURL(join(source, 'families.ts')).href).catch(async () => {
  const text = readFileSync(join(source, 'families.ts'), 'utf8').replace(/ as const satisfies[^\n]*/, '').replace(/^export type.*$/gm, '').replace(/^\/\*\*[\s\S]*?\*\/$/gm, '')
  return import('data:text/javascript,' + encodeURIComponent(text))
})
const table = {}
for (const arch of ['x64', 'arm64']) {
  const defs = new Definitions(roots[arch], [...headers, ...libc])
  const numbers = {}, constants = {}, errors = {}
  for (const name of defs.values.keys()) {
    const call = name.match(/^__NR(?:3264)?_(\w+)$/)
    if (call && !/^(syscalls|arch_specific_syscall|sync_file_range2)$/.test(call[1])) { const n = defs.number(name); if (Number.isInteger(n)) numbers[call[1]] = n }
    if (/^E[A-Z0-9]+$/.test(name) && !['EWOULDBLOCK', 'EDEADLOCK', 'ENOTSUP'].includes(name)) errors[name] = defs.value(name)
  }
  for (const [family, names] of Object.entries(families)) for (const name of names) {
    const v = name in newer ? newer[name] : defs.value(name)
    if (!Number.isSafeInteger(v)) throw new Error(`${arch}: no value for ${name} (${family}): ${v}`)
    constants[name] = v
  }
  table[arch] = { numbers, constants, errors }
}
const { x64, arm64 } = table
const hex = (n) => (n > 9 ? '0x' + n.toString(16) : String(n))
const both = (a, b, format) => [...new Set([...Object.keys(a), ...Object.keys(b)])].sort().map((k) => `  ${k}: [${k in a ? format(a[k]) : -1}, ${k in b ? format(b[k]) : -1}],`).join('\n')
const different = Object.keys(x64.constants).filter((k) => x64.constants[k] !== arm64.constants[k])
const out = {
  'numbers.ts': `// generated by scripts/generate.mjs from asm/unistd_64.h (x86-64) and asm-generic/unistd.h (arm64)\n\n/** System call numbers: [x86-64, arm64], -1 where the architecture has no such call. */\nexport const numbers = {\n${both(x64.numbers, arm64.numbers, String)}\n} as const\n\nexport type SyscallNumberName = keyof typeof numbers\n`,
  'constants.ts': `// generated by scripts/generate.mjs from the kernel's uapi headers (linux-libc-dev)\n\n/** Values of all names in families.ts, on x86-64. */\nexport const constants: Readonly<Record<string, number>> = {\n${Object.entries(x64.constants).map(([k, v]) => `  ${k}: ${hex(v)},`).join('\n')}\n}\n\n/** The few that are something else on arm64 (arch/arm64/include/uapi/asm/fcntl.h). */\nexport const arm64Constants: Readonly<Record<string, number>> = {\n${different.map((k) => `  ${k}: ${hex(arm64.constants[k])},`).join('\n')}\n}\n`,
  'errno-table.ts': `// generated by scripts/generate.mjs from asm-generic/errno-base.h and asm-generic/errno.h\n\nexport const errnoTable = {\n${Object.entries(x64.errors).sort((a, b) => a[1] - b[1]).map(([k, v]) => `  ${k}: ${v},`).join('\n')}\n} as const\n\nexport type ErrnoName = keyof typeof errnoTable\n`,
}
for (const name of Object.keys(x64.errors)) if (x64.errors[name] !== arm64.errors[name]) throw new Error(`errno differs: ${name}`)
let stale = 0
for (const [file, text] of Object.entries(out)) {
  const path = join(source, file)
  if (process.argv.includes('--check')) { if (!existsSync(path) || readFileSync(path, 'utf8') !== text) { console.error(`${file} is not what the headers say`); stale++ } }
  else writeFileSync(path, text)
}
process.exitCode = stale ? 1 : 0
