// Runs the @example of every docstring, all of a package in one process, on the built packages.
//
//   f(x) // 'value'            the value is compared; also on the next line, alone
//   f(x) // e.g. 'value'       it is another one on another machine: only run, as is what has a comment in words
//   console.log(x) // text     what is printed is compared
//   …                          stands for anything
//   ```ts no-run               is not run; another fence is only a frame
//
// What an example does not import comes from its own package, from @ctr/syscall or @ctr/launch, or from `scene`.
import { spawnSync } from 'node:child_process'
import { readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { root } from './setup.mjs'

/** What examples speak of without saying where it comes from. */
const scene = {
  proc: 'procfs()', pid: 'process.pid', layout: 'cgroups()',
  profile: "{ defaultAction: 'SCMP_ACT_ALLOW', syscalls: [{ names: ['socket'], action: 'SCMP_ACT_ERRNO' }] }",
}

/** @returns {{ line: number, code: string }[]} the examples that are to be run; line is that of their first line */
export function docstrings(source) {
  const found = []
  for (const comment of source.matchAll(/\/\*\*[\s\S]*?\*\//g)) {
    const lines = comment[0].split('\n').map((line) => line.replace(/^\s*\/?\*+\/?\s?/, '').replace(/\s*\*\/$/, ''))
    const first = source.slice(0, comment.index).split('\n').length
    for (let at = lines.findIndex((line) => line.startsWith('@example')); at >= 0; at = lines.findIndex((line, i) => i > at && line.startsWith('@example'))) {
      const end = lines.findIndex((line, i) => i > at && /^@\w/.test(line))
      const body = lines.slice(at + 1, end < 0 ? lines.length : end)
      const [open, close] = [body.findIndex((line) => line.startsWith('```')), body.findLastIndex((line) => line === '```')]
      if (/no-run/.test(body[open] ?? '')) continue
      const code = open < 0 ? body : body.slice(open + 1, close)
      found.push({ line: first + at + 1 + Math.max(0, open + 1), code: code.join('\n').trim() })
    }
  }
  return found
}

const isValue = (text) => /^(['"`[{-]|\d|true\b|false\b|undefined\b|null\b)/.test(text)
const statement = /^(import|const|let|for|if|try|return|\}|\/\/)/

/** The code with its claims as calls: `value(expression, text)` and `printed(text)`. */
export function instrument(code) {
  const lines = code.split('\n')
  return lines.map((line, i) => {
    const [, whole, comment] = /^(\S.*?)\s+\/\/ (.+)$/.exec(line) ?? [undefined, line, /^\/\/ (.+)$/.exec(lines[i + 1] ?? '')?.[1]]
    if (comment === undefined || comment.startsWith('e.g. ') || whole.startsWith('//')) return line
    if (whole.startsWith('console.log(')) return `${whole}; printed(${JSON.stringify(comment)})`
    if (statement.test(whole) || whole.includes('console.log(') || !isValue(comment)) return line
    return `value(${whole}, ${JSON.stringify(comment)})`
  }).join('\n')
}

const escaped = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')

/** What the generated module begins with: claims are compared as values where they are JavaScript, and as text where they have a `…`. */
function claims() {
  const squeezed = (text) => text.replace(/\s+/g, '')
  const alike = (text, claim) => new RegExp(`^${squeezed(claim).split('…').map(escaped).join('.*')}$`, 's').test(squeezed(text))
  const plain = (value) => (typeof value === 'object' && value !== null ? (Array.isArray(value) ? value.map(plain) : Object.fromEntries(Object.entries(value).map(([key, each]) => [key, plain(each)]))) : value)
  return (problems) => {
    let last = ''
    return {
      console: { log: (...args) => (last = args.map((each) => (typeof each === 'string' ? each : inspect(each))).join(' ')) },
      printed: (claim) => { if (!alike(last, claim)) problems.push(`it prints ${last}, not ${claim}`) },
      value: (got, claim) => {
        const text = inspect(plain(got), { depth: null, breakLength: Infinity, maxArrayLength: null })
        const same = claim.includes('…') ? alike(text, claim) : isDeepStrictEqual(plain(got), new Function(`return (${claim})`)())
        if (!same) problems.push(`it is ${text}, not ${claim}`)
      },
    }
  }
}

/** One module of all examples of a package. */
export function assemble(examples, exported) {
  const imports = new Map()
  const add = (name, from) => imports.set(name, from)
  const bodies = examples.map(({ place, code }) => {
    const rest = code.replace(/^import (?:type )?\{ (.+) \} from '(.+)'\n?/gm, (_, names, from) => (names.split(', ').forEach((name) => add(name, from)), ''))
    const used = (name, text) => new RegExp(`(?<![\\w'/])(?<!(?<!\\.)\\.)${name}\\b`).test(text)
    const declared = (name) => imports.has(name) || new RegExp(`\\b(?:const|let) (?:\\{[^}]*)?\\b${name}\\b`).test(rest)
    const props = Object.entries(scene).filter(([name]) => used(name, rest) && !declared(name)).map(([name, value]) => `const ${name} = ${value}`)
    for (const [name, from] of exported) if (used(name, `${rest}\n${props.join('\n')}`) && !declared(name)) add(name, from)
    return `[${JSON.stringify(place)}, async ({ console, printed, value }) => {\n${[...props, instrument(rest)].join('\n')}\n}]`
  })
  const from = [...new Set(imports.values())].map((specifier) => `import { ${[...imports].filter(([, each]) => each === specifier).map(([name]) => name).join(', ')} } from '${specifier}'`)
  return `${from.join('\n')}
import { inspect, isDeepStrictEqual } from 'node:util'
const escaped = ${escaped}
const claims = (${claims})()
let [passed, failed] = [0, 0]
for (const [place, example] of [${bodies.join(',\n')}]) {
  const problems = []
  try { await example(claims(problems)) } catch (error) { problems.push(error.stack) }
  problems.length > 0 ? failed++ : passed++
  for (const problem of problems) console.log(place + ': ' + problem)
}
await new Promise((resolve) => setTimeout(resolve, 200))
console.log(passed + ' ' + failed)
process.exit()
`
}

function sources(dir) {
  return readdirSync(`${root}/${dir}`, { withFileTypes: true }).flatMap((entry) => {
    const path = `${dir}/${entry.name}`
    return entry.isDirectory() ? sources(path) : entry.name.endsWith('.ts') && !/\.test\.ts$/.test(entry.name) ? [path] : []
  })
}

/** Runs the examples in the docstrings of one package. @returns {Promise<[passed: number, failed: number]>} */
export async function runDocstrings(dir) {
  const examples = sources(`${dir}/src`).flatMap((path) => docstrings(readFileSync(`${root}/${path}`, 'utf8')).map(({ line, code }) => ({ place: `${path}:${line}`, code })))
  if (examples.length === 0) return [0, 0]
  const { name, exports } = JSON.parse(readFileSync(`${root}/${dir}/package.json`, 'utf8'))
  const exported = new Map([['readFileSync', 'node:fs']])
  // Not register: what it is imported for is its effect.
  const own = Object.keys(exports).filter((key) => !/register|json/.test(key)).map((key) => `${name}${key.slice(1)}`)
  for (const specifier of ['@ctr/syscall', '@ctr/syscall/perform', '@ctr/launch', ...own]) for (const each of Object.keys(await import(specifier))) exported.set(each, specifier)
  const { transform } = await import('esbuild')
  const file = `${root}/${dir}/.docstrings-${process.pid}.mjs`
  try {
    writeFileSync(file, (await transform(assemble(examples, exported), { loader: 'ts', target: 'node20', format: 'esm' })).code)
    // Namespaces of its own: an example may say how to set the name of the machine, or how to mount.
    const apart = process.getuid() === 0 ? ['unshare', '--mount', '--uts', '--'] : []
    const [command, ...args] = [...apart, process.execPath, file]
    const child = spawnSync(command, args, { cwd: `${root}/${dir}`, encoding: 'utf8', timeout: 60_000 })
    const lines = child.stdout.trimEnd().split('\n')
    const counts = /^(\d+) (\d+)$/.exec(lines.at(-1) ?? '')
    if (!counts) throw new Error(`${child.signal ?? `exit status ${child.status}`}\n${child.stdout}${child.stderr}`)
    for (const line of lines.slice(0, -1)) console.log(line)
    return [Number(counts[1]), Number(counts[2])]
  } catch (error) {
    console.log(`${dir}: the examples of the docstrings do not run: ${error.message}`)
    return [0, 1]
  } finally {
    rmSync(file, { force: true })
  }
}
