// Runs the examples and compares what they print.
//
//   npm run example                 their questions, by number
//   npm run example 07              runs one
//   npm run examples [07 …]         runs all, or some, and compares; ends with `N passed, N failed, N skipped`
//   npm run examples -- --update …  the same, and writes down what they print now
//   npm run examples -- --cgroup    those that need cgroups, for machines of the other version
//
// What NN-name.ts prints stands in NN-name.out or, where it is another on cgroup v1 and hybrid hosts, in NN-name.v1.out.
// `…` stands for anything within a line, a line of only `…` for any lines. `‹pid›` stands for a word, for the same word
// everywhere in the file, and for another one than `‹child›`.
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, release, tmpdir } from 'node:os'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import { root, setupOrExit } from './setup.mjs'

const directory = `${root}/examples`
const guest = process.env.CTR_GUEST !== undefined

/** What the first lines of an example say: its question, what to read, what it needs, what it prints. */
export function header(source) {
  const comment = source.split('\n').slice(0, source.split('\n').findIndex((line) => !line.startsWith('//'))).map((line) => line.slice(3))
  const [question = '', second = '', ...rest] = comment
  const [, see, needs] = /^See (.+)\. Needs (.+)\.$/.exec(second) ?? []
  return { question, see, needs, prints: rest.join(' ') }
}

/** What is wrong with the text of an example, one sentence each. */
export function complaints(source) {
  const { question, see, prints } = header(source)
  const imported = [...source.matchAll(/^import .* from '(.+)'$/gm)].map(([, from]) => from)
  return [
    ...(question.endsWith('?') ? [] : ['the first line is not a question']),
    ...(see ? [] : ['the second line is not `See …. Needs ….`']),
    ...(prints.startsWith('Prints ') ? [] : ['the third line does not say what it `Prints`']),
    ...(source.trimEnd().split('\n').length > 40 ? ['it has more than 40 lines'] : []),
    ...imported.filter((from) => !from.startsWith('node:') && (!from.startsWith('@ctr/') || from === '@ctr/runner')).map((from) => `it imports ${from}`),
    ...(/\bexplain\(/.test(source) ? [] : ['it explains nothing before it runs']),
  ]
}

const literally = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
const tidy = (text) => text.replace(/[ \t]+$/gm, '').trim()

/** Lines as a regular expression: a name is captured where it comes first, and means the same from then on. */
function pattern(lines) {
  const seen = new Set()
  return lines.map((line) => {
    if (line.trim() === '…') return '(?:.*\n)*?'
    return `${line.split(/(…|‹[a-z]\w*›)/).map((part, i) => {
      if (i % 2 === 0) return literally(part)
      if (part === '…') return '.*?'
      const name = part.slice(1, -1)
      return seen.has(name) ? `\\k<${name}>` : (seen.add(name), `(?<${name}>\\w+?)`)
    }).join('')}\n`
  }).join('')
}

/** Undefined when the output is what was expected, or what is wrong with it. */
export function difference(expected, actual) {
  const lines = tidy(expected).split('\n')
  const text = `${tidy(actual)}\n`
  const match = new RegExp(`^${pattern(lines)}$`).exec(text)
  if (match) {
    const names = Object.entries(match.groups ?? {})
    const same = names.find(([name, word], i) => names.some(([other, another], j) => j < i && other !== name && another === word))
    return same && `‹${same[0]}› is ${same[1]}, as is another name`
  }
  let before = ''
  for (const [i, line] of lines.entries()) {
    const found = new RegExp(`^${pattern(lines.slice(0, i + 1))}`).exec(text)
    if (!found) return `line ${i + 1} should be\n${line}\nand is\n${text.slice(before.length).split('\n')[0]}`
    before = found[0]
  }
  return `there is more: ${text.slice(before.length).split('\n')[0]}`
}

/** What two runs printed, with a name in the place of each word that was not the same; lines that the old file has a pattern for stay. */
export function recorded(old, first, second) {
  const [a, b] = [first, second].map((text) => tidy(text).split('\n'))
  if (a.length !== b.length) throw new Error(`two runs print ${a.length} and ${b.length} lines`)
  const words = (line) => line.split(/(\w+)/)
  const names = new Map()
  const patterns = tidy(old).split('\n')
  const lines = a.map((line, i) => {
    const kept = patterns.findIndex((each) => /[…‹]/.test(each) && each.trim() !== '…' && new RegExp(`^${pattern([each])}$`).test(`${line}\n`))
    if (kept >= 0) return patterns.splice(0, kept + 1).at(-1)
    const others = words(b[i])
    return words(line).map((word, j) => {
      if (word === others[j]) return word
      const pair = `${word} ${others[j]}`
      if (!names.has(pair)) names.set(pair, `‹n${names.size + 1}›`)
      return names.get(pair)
    }).join('')
  })
  return `${lines.join('\n')}\n`
}

/** Why this machine cannot run an example that needs something, or undefined. */
function incapable(needs, { hierarchies }) {
  const read = (file) => (existsSync(file) ? readFileSync(file, 'utf8').trim() : undefined)
  if (/\broot\b/.test(needs) && process.getuid() !== 0) return 'it needs root'
  const wanted = [...(/the ([\w ]+) controllers?/.exec(needs)?.[1] ?? '').matchAll(/\b(?!and\b)\w+/g)].map(([name]) => name)
  const missing = wanted.find((name) => !hierarchies.some(({ controllers }) => controllers.includes(name)))
  if (missing) return `there is no controller ${missing}`
  if (/veth/.test(needs) && !existsSync('/sys/module/veth')) {
    const config = existsSync('/proc/config.gz') ? gunzipSync(readFileSync('/proc/config.gz')).toString() : (read(`/boot/config-${release()}`) ?? '')
    if (!/^CONFIG_VETH=y/m.test(config) && !read(`/lib/modules/${release()}/modules.dep`)?.includes('/veth.ko')) return 'the kernel has no veth'
  }
  const closed = ['kernel/unprivileged_userns_clone:0', 'user/max_user_namespaces:0', 'kernel/apparmor_restrict_unprivileged_userns:1'].find((each) => read(`/proc/sys/${each.split(':')[0]}`) === each.split(':')[1])
  if (/user namespaces/.test(needs) && closed) return `${closed.split(':')[0]} is ${closed.split(':')[1]}`
  return undefined
}

const command = (file) => ['--import', `${root}/scripts/typescript.mjs`, `${directory}/${file}`]

function killIfThere(pid) {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    if (error.code !== 'ESRCH') throw error
  }
}

/** Runs an example by itself, and looks at what it leaves: its cgroups, temporary files, and processes of its session. */
async function run(file, procfs, layout) {
  const temporary = mkdtempSync(`${tmpdir()}/ctr-examples-`)
  chmodSync(temporary, 0o1777)
  try {
    const child = spawn('setsid', ['--wait', process.execPath, ...command(file)], { env: { ...process.env, TMPDIR: temporary, NO_COLOR: '1', LC_ALL: 'C' }, stdio: ['ignore', 'pipe', 'pipe'], timeout: (guest ? 300 : 60) * 1000 })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text))
    const closed = once(child, 'close') // when nobody has its output open any more
    const [status, signal] = await once(child, 'exit')
    const processes = () => procfs.processes().filter(({ session, state }) => session === child.pid && state !== 'Z')
    const left = () => [
      ...layout.hierarchies.flatMap(({ mountpoint }) => readdirSync(mountpoint).filter((name) => name === `ctr-example-${child.pid}`).map((name) => `${mountpoint}/${name}`)),
      ...readdirSync(temporary),
      ...processes().map(({ pid, comm }) => `process ${pid} (${comm})`),
    ]
    // What it has killed at its end is gone in a moment, on a machine that has other work too in seconds.
    for (let i = 0; i < 1000 && left().length > 0; i++) await new Promise((resolve) => setTimeout(resolve, 20))
    const leaves = left()
    for (const { pid } of processes()) killIfThere(pid)
    await closed
    output = output.replaceAll(temporary, '/tmp')
    if (status !== 0) return { output, problem: `it ${signal ? `was ended by ${signal}` : `exited with ${status}`}\n${output}` }
    return { output, problem: leaves.length > 0 ? `it leaves ${leaves.join(', ')}` : undefined }
  } finally {
    rmSync(temporary, { recursive: true, force: true })
  }
}

async function compareAll(files, update) {
  const [{ cgroups }, { procfs }] = [await import('@ctr/cgroup'), await import('@ctr/procfs')]
  const layout = cgroups()
  const report = { passed: 0, failed: 0, skipped: [], retried: [], passedTests: [] }
  const one = async (file) => {
    const name = file.replace(/\.ts$/, '')
    const source = readFileSync(`${directory}/${file}`, 'utf8')
    const reason = incapable(header(source).needs ?? '', layout)
    if (reason) {
      console.log(`skipped ${name}: ${reason}`)
      return void report.skipped.push({ file: `examples/${file}`, name, fullName: name, reason })
    }
    const v1 = `${directory}/${name}.v1.out`
    const out = layout.mode !== 'v2' && existsSync(v1) ? v1 : `${directory}/${name}.out`
    const expected = existsSync(out) ? readFileSync(out, 'utf8') : ''
    const start = Date.now()
    const { output = '', problem } = await run(file, procfs(), layout)
    let wrong = complaints(source)[0] ?? problem ?? difference(expected, output)
    if (wrong && update && !problem) {
      writeFileSync(out, recorded(expected, output, (await run(file, procfs(), layout)).output))
      wrong = undefined
    }
    wrong ? report.failed++ : report.passed++
    if (!wrong) report.passedTests.push(`examples/${file} > ${name}`)
    console.log(wrong ? `FAILED  ${name}: ${wrong}` : `ok      ${name}, ${Date.now() - start} ms`)
  }
  const waiting = [...files]
  const work = async () => {
    for (let file; (file = waiting.shift()); ) await one(file)
  }
  await Promise.all(Array.from({ length: availableParallelism() }, work))
  if (process.env.CTR_REPORTS) writeFileSync(`${process.env.CTR_REPORTS}/examples.json`, JSON.stringify(report))
  console.log(`${report.passed} passed, ${report.failed} failed, ${report.skipped.length} skipped`)
  return report.failed === 0
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await setupOrExit()
  const options = process.argv.slice(2).filter((each) => each.startsWith('--'))
  const wanted = process.argv.slice(2).filter((each) => !each.startsWith('--'))
  const all = readdirSync(directory).filter((name) => /^\d\d-.+\.ts$/.test(name)).sort()
  const asked = (name) => !options.includes('--cgroup') || /controller|freezer/.test(header(readFileSync(`${directory}/${name}`, 'utf8')).needs ?? '')
  const files = all.filter(asked).filter((name) => wanted.length === 0 || wanted.some((each) => (/^\d+$/.test(each) ? name.startsWith(each.padStart(2, '0')) : name.includes(each))))
  if (files.length === 0) {
    console.error(`There is no example ${wanted.join(' ')}: they are 01 to ${all.at(-1)?.slice(0, 2)}.`)
    process.exitCode = 1
  } else if (!options.includes('--show')) {
    process.exitCode = (await compareAll(files, options.includes('--update'))) ? 0 : 1
  } else if (wanted.length === 0) {
    for (const file of files) console.log(`${file.slice(0, 2)}  ${header(readFileSync(`${directory}/${file}`, 'utf8')).question}`)
    console.log(`\nnpm run example ${files[0].slice(0, 2)} runs the first; examples/README.md says more.`)
  } else {
    const { cgroups } = await import('@ctr/cgroup')
    for (const file of files) {
      const { question, needs = '' } = header(readFileSync(`${directory}/${file}`, 'utf8'))
      console.log(`# examples/${file}: ${question}\n`)
      const reason = incapable(needs, cgroups())
      if (reason) {
        console.error(`It cannot be run here: ${reason}. What it prints elsewhere stands in examples/${file.replace(/\.ts$/, '.out')}.`)
        process.exitCode = 1
        continue
      }
      const { status, signal } = spawnSync(process.execPath, command(file), { stdio: 'inherit' })
      if (status !== 0) process.exitCode = signal ? 1 : status
    }
  }
}
