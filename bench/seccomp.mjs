/**
 * A container-sized seccomp profile: how long compiling takes, and how many instructions the kernel runs for a call that is allowed, beside libseccomp's filters of the same profile.
 *
 *   node bench/seccomp.mjs [PROFILE]     a profile of Docker's form; default ../shared/vectors/moby-seccomp
 */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { architecturesOf, compile, numberOf, reduceMoby, returnValue, run, syscallNumbers } from '../packages/seccomp/dist/index.js'

/** libseccomp as the tests drive it, through koffi: what of it is TypeScript is bundled beside the koffi that it needs. */
const bundled = fileURLToPath(new URL('../packages/seccomp/node_modules/.cache/libseccomp.mjs', import.meta.url))
await build({ entryPoints: [fileURLToPath(new URL('../packages/seccomp/test/libseccomp.ts', import.meta.url))], outfile: bundled, bundle: true, platform: 'node', format: 'esm', external: ['koffi'], conditions: ['@ctr/source'] })
const { installed, known, libseccompFilter } = await import(bundled)

const path = process.argv[2] ?? fileURLToPath(new URL('../../shared/vectors/moby-seccomp/files/seccomp/default.json', import.meta.url))
const capabilities = ['CAP_CHOWN', 'CAP_DAC_OVERRIDE', 'CAP_FSETID', 'CAP_FOWNER', 'CAP_MKNOD', 'CAP_NET_RAW', 'CAP_SETGID', 'CAP_SETUID', 'CAP_SETFCAP', 'CAP_SETPCAP', 'CAP_NET_BIND_SERVICE', 'CAP_SYS_CHROOT', 'CAP_KILL', 'CAP_AUDIT_WRITE']
const whole = reduceMoby(JSON.parse(readFileSync(path, 'utf8')), { capabilities, machine: 'x64', kernel: '6.1' })

const times = []
for (let i = 0; i < 300; i++) {
  const start = performance.now()
  compile(whole, { machine: 'x64' })
  times.push(performance.now() - start)
}
const [first] = times
times.sort((a, b) => a - b)
console.log(`compile: first ${first.toFixed(2)} ms, median ${times[150].toFixed(2)} ms, 95th percentile ${times[285].toFixed(2)} ms`)

// What the installed libseccomp does not know yet would count as refused there.
const profile = installed ? known(whole) : whole
const filters = { '@ctr/seccomp': compile(profile, { machine: 'x64' }).instructions, ...(installed && { 'libseccomp, binary tree': libseccompFilter(profile, 2), libseccomp: libseccompFilter(profile, 1) }) }
const rows = Object.entries(filters).map(([name, instructions]) => {
  const row = { filter: name, instructions: instructions.length }
  for (const architecture of architecturesOf(profile.architectures, 'x64')) {
    const numbers = Object.keys(syscallNumbers).map((each) => numberOf(each, architecture)).filter((number) => number !== undefined)
    const runs = numbers.map((number) => run(instructions, { number, architecture: architecture.token })).filter(({ returned }) => returned === returnValue('SCMP_ACT_ALLOW'))
    row[`${architecture.text}: allowed`] = runs.length
    row[`${architecture.text}: run for one`] = Number((runs.reduce((sum, { steps }) => sum + steps, 0) / runs.length).toFixed(2))
  }
  return row
})
console.table(rows)
if (!installed) console.log('libseccomp is not installed: nothing to compare with')
