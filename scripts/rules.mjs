// The architecture, checked. Prints one line per violation, file:line first, and exits with 1 when there is one.
//
//   base        syscall, elf and procfs import nothing of ours
//   sibling     a primitive never imports another primitive: what two need is vocabulary, and belongs in syscall
//   pure        the pure parts of a package never import node:* or koffi, themselves or through a live file
//   koffi       only syscall, launch and apps import koffi
//   launch      only apps, examples, conformance, bench and kernel tests bring primitives and launch together
//   declared    what a package's sources import is in its own dependencies: it stands alone
//   exports     package.json#exports maps one to one onto files directly in src/
//   name        no utils.ts, helpers/, common/ and the like
//   length      no file over 600 lines, unless its first lines say `// generated`
//   documents   README.md, support.md and CHANGELOG.md are there
//   documented  what a primitive exports (but for types) is named in its README.md or support.md
//   only        no test runs alone (`it.only`)
//
// A file is pure unless the package says that it is live, meaning that it reads or changes the system:
//
//   "ctr": { "live": ["read.ts", "host/"] }          in its package.json; names below src/, a slash at the end takes all
//
// `npm run lint -- --live` prints the lists as the code would have them.
//
// A pure file may import a live one only as `await import(…)`, or for its types. So nothing happens, and nothing of node:*
// is loaded, when a pure file is imported. Tests and their fixtures are neither; neither are files of apps.
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { posix } from 'node:path'
import { fileURLToPath } from 'node:url'

const base = ['syscall', 'elf', 'procfs']
const primitives = ['ns', 'cgroup', 'rootfs', 'caps', 'init', 'procfs', 'seccomp', 'net', 'image']
// Their index must load anywhere, a browser included: it cannot be declared live.
const alwaysPure = ['syscall', 'elf']
const koffiUsers = ['packages/syscall', 'packages/launch']
const vague = /^(utils?|helpers?|common|misc|shared|lib)$/
const maxLines = 600

const isTest = (path) => /\.test\.m?ts$/.test(path) || /\/(test|fixtures|__snapshots__)\//.test(path)

/** Blanks comments out, keeping lines; strings stay. */
export function withoutComments(source) {
  const token = /\/\*[\s\S]*?\*\/|\/\/[^\n]*|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\[\s\S]|[^`\\])*`/g
  return source.replace(token, (text) => (text.startsWith('//') || text.startsWith('/*') ? text.replace(/[^\n]/g, ' ') : text))
}

/** @returns {{ from: string, line: number, kind: 'value' | 'type' | 'lazy' }[]} */
export function imports(source) {
  const text = withoutComments(source)
  const found = []
  const add = (match, from, kind) => found.push({ from, kind, line: text.slice(0, match.index + match[0].search(/\S/)).split('\n').length })
  for (const match of text.matchAll(/(?:^|[;\n])[ \t]*(?:import|export)[ \t]+(type\b(?!\s*,|\s+from\b)[^'"`;]*?|[^'"`;()=]*?)from\s*['"]([^'"\n]+)['"]/g)) {
    const clause = match[1]
    // `import { type A, type B }` is erased as a whole only by convention: verbatimModuleSyntax keeps the import itself.
    add(match, match[2], /^type\s+\S/.test(clause) ? 'type' : 'value')
  }
  for (const match of text.matchAll(/(?:^|[;\n])[ \t]*import\s*['"]([^'"\n]+)['"]/g)) add(match, match[1], 'value')
  for (const match of text.matchAll(/\bimport\s*\(\s*['"]([^'"\n]+)['"]\s*\)/g)) add(match, match[1], 'lazy')
  for (const match of text.matchAll(/\b(?:createRequire\([^)]*\)|require)\(\s*['"]([^'"\n]+)['"]\s*\)/g)) add(match, match[1], 'lazy')
  return found.sort((a, b) => a.line - b.line)
}

/** All files below the directories, from a tree of paths and texts: the rules are tested on trees in memory. */
export function readTree(root) {
  const files = new Map()
  const walk = (dir) => {
    for (const entry of readdirSync(`${root}/${dir}`, { withFileTypes: true })) {
      const path = `${dir}/${entry.name}`
      if (entry.isDirectory()) {
        if (!['node_modules', 'dist', '.turbo'].includes(entry.name)) walk(path)
      } else if (/\.(m?ts|json|md)$/.test(entry.name)) files.set(path, readFileSync(`${root}/${path}`, 'utf8'))
    }
  }
  for (const dir of ['packages', 'apps', 'examples', 'conformance', 'bench']) if (existsSync(`${root}/${dir}`)) walk(dir)
  return files
}

/**
 * @param {Map<string, string>} files path from the root of the repository → text
 * @returns {{ rule: string, path: string, line: number, message: string }[]}
 */
export function check(files) {
  const violations = []
  const packages = new Map()
  for (const [path, text] of files) {
    const dir = /^((?:packages|apps)\/[^/]+)\/package\.json$/.exec(path)?.[1]
    if (dir) packages.set(dir, { dir, short: dir.split('/')[1], manifest: JSON.parse(text) })
  }
  const byName = new Map([...packages.values()].map((each) => [each.manifest.name, each]))

  for (const each of packages.values()) {
    for (const violation of [...checkExports(each, files), ...checkDocuments(each, files), ...checkDocumented(each, files)]) violations.push(violation)
  }
  for (const [path, text] of files) {
    if (!/\.m?ts$/.test(path)) continue
    const owner = packages.get(/^(?:packages|apps)\/[^/]+/.exec(path)?.[0])
    for (const violation of [...checkFile(path, text), ...(owner ? checkImports(path, text, owner, byName, files) : [])]) {
      violations.push({ path, ...violation })
    }
  }
  return violations.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : a.line - b.line))
}

function* checkFile(path, text) {
  const lines = text.split('\n')
  const generated = lines.slice(0, 5).some((line) => /^\/\/ generated\b/i.test(line))
  const count = lines.length - (text.endsWith('\n') ? 1 : 0)
  if (count > maxLines && !generated) yield { rule: 'length', line: maxLines + 1, message: `has ${count} lines: at most ${maxLines}, one concept per file` }
  for (const part of path.replace(/\.(test|kernel\.test)?\.?m?ts$/, '').split('/').slice(2)) {
    if (vague.test(part)) yield { rule: 'name', line: 1, message: `'${part}' does not say what is in it: name the thing` }
  }
  if (isTest(path)) {
    const code = withoutComments(text)
    for (const match of code.matchAll(/\b(?:it|test|describe|suite|bench)(?:\.\w+)*\.only\b/g)) {
      yield { rule: 'only', line: code.slice(0, match.index).split('\n').length, message: `${match[0]} leaves the other tests out` }
    }
  }
}

const isLive = ({ manifest }, path) =>
  (manifest.ctr?.live ?? []).some((name) => (name.endsWith('/') ? path.startsWith(name) : path === name))

function* checkImports(path, text, owner, byName, files) {
  const { dir, short, manifest } = owner
  const test = isTest(path)
  const app = dir.startsWith('apps/')
  const source = path.startsWith(`${dir}/src/`) && !test
  const pure = source && !app && !isLive(owner, path.slice(`${dir}/src/`.length))
  const declared = { ...manifest.dependencies, ...manifest.peerDependencies, ...manifest.optionalDependencies }

  for (const { from, line, kind } of imports(text)) {
    const other = byName.get(/^(?:@[^/]+\/)?[^/]+/.exec(from)[0])
    const external = !from.startsWith('.') && !from.startsWith('node:')

    if (source && external && other !== owner) {
      const name = /^(?:@[^/]+\/)?[^/]+/.exec(from)[0]
      if (!(name in declared)) yield { rule: 'declared', line, message: `imports ${name}, which is not in the dependencies of ${manifest.name}` }
    }
    if (from === 'koffi' && !test && !app && !koffiUsers.includes(dir)) {
      yield { rule: 'koffi', line, message: 'imports koffi: only syscall and launch may' }
    }
    if (other && other !== owner && !test && !app) {
      if (base.includes(short)) yield { rule: 'base', line, message: `imports ${other.manifest.name}: ${short} imports nothing of ours` }
      else if (primitives.includes(short) && primitives.includes(other.short)) {
        yield { rule: 'sibling', line, message: `imports its sibling ${other.manifest.name}: what two primitives need belongs in @ctr/syscall` }
      }
      const apart = (a, b) => primitives.includes(a) && b === 'launch'
      if (apart(short, other.short) || apart(other.short, short)) {
        yield { rule: 'launch', line, message: `imports ${other.manifest.name}: only apps, examples and kernel tests bring primitives and launch together` }
      }
    }
    if (pure && kind !== 'type') {
      if (from.startsWith('node:') && kind === 'value') {
        yield { rule: 'pure', line, message: `imports ${from} in a pure part: if the file is live, list it in "ctr": { "live": [] } of package.json` }
      }
      if (from === 'koffi') yield { rule: 'pure', line, message: 'imports koffi in a pure part' }
      const target = kind === 'value' ? resolve(path, from, owner, byName, files) : undefined
      if (target && isLive(target.owner, target.file)) {
        yield { rule: 'pure', line, message: `imports the live ${from} in a pure part: use its types, or await import()` }
      }
    }
  }
}

/** The file below src/, and its package, that a specifier means; nothing for what is not ours. */
function resolve(path, from, owner, byName, files) {
  if (from.startsWith('.')) {
    const file = posix.join(posix.dirname(path), from).replace(/\.js$/, '.ts')
    return files.has(file) ? { owner, file: file.slice(`${owner.dir}/src/`.length) } : undefined
  }
  const name = /^(?:@[^/]+\/)?[^/]+/.exec(from)[0]
  const other = byName.get(name)
  const entry = other?.manifest.exports?.[`.${from.slice(name.length)}`]
  return entry?.['@ctr/source'] ? { owner: other, file: entry['@ctr/source'].replace('./src/', '') } : undefined
}

function* checkExports({ dir, short, manifest }, files) {
  const path = `${dir}/package.json`
  const lineOf = (key) => files.get(path).split('\n').findIndex((line) => line.includes(`"${key}": `)) + 1
  for (const [key, entry] of Object.entries(manifest.exports ?? {})) {
    if (key === './package.json') continue
    const violation = (message) => ({ rule: 'exports', path, line: lineOf(key), message: `${key}: ${message}` })
    const stem = key === '.' ? 'index' : key.slice(2)
    if (stem.includes('/') || stem.includes('*')) yield violation('names no single file directly in src/')
    const expected = { '@ctr/source': `./src/${stem}.ts`, types: `./dist/${stem}.d.ts`, default: `./dist/${stem}.js` }
    for (const [condition, target] of Object.entries(expected)) {
      if (entry?.[condition] !== target) yield violation(`"${condition}" is ${entry?.[condition]}, not ${target}`)
    }
    if (!files.has(`${dir}/src/${stem}.ts`)) yield violation(`src/${stem}.ts does not exist`)
  }
  for (const name of manifest.ctr?.live ?? []) {
    const known = [...files.keys()].some((file) => (name.endsWith('/') ? file.startsWith(`${dir}/src/${name}`) : file === `${dir}/src/${name}`))
    if (alwaysPure.includes(short) && name === 'index.ts') {
      yield { rule: 'pure', path, line: lineOf('live'), message: `the index of ${manifest.name} is pure, always` }
    }
    if (!known) yield { rule: 'exports', path, line: lineOf('live'), message: `the live file src/${name} does not exist` }
  }
}

function* checkDocuments({ dir }, files) {
  for (const name of ['README.md', 'support.md', 'CHANGELOG.md']) {
    if (!files.has(`${dir}/${name}`)) yield { rule: 'documents', path: `${dir}/${name}`, line: 1, message: 'is missing' }
  }
}

/** The values that a module exports, by name, with their lines: of `export { a, type B } from`, and of declarations. */
export function exportedValues(source) {
  const text = withoutComments(source)
  const lineOf = (index) => text.slice(0, index).split('\n').length
  const listed = [...text.matchAll(/^export \{([^}]*)\}/gm)].flatMap(({ 1: names, index }) =>
    names.split(',').map((name) => name.trim()).filter((name) => name !== '' && !name.startsWith('type ')).map((name) => ({ name: name.split(' as ').at(-1), line: lineOf(index) })))
  const declared = [...text.matchAll(/^export (?:async )?(?:const|let|function\*?|class) (\w+)/gm)].map(({ 1: name, index }) => ({ name, line: lineOf(index) }))
  return [...listed, ...declared]
}

function* checkDocumented({ dir, manifest }, files) {
  if (!dir.startsWith('packages/')) return
  const documents = `${files.get(`${dir}/README.md`)}${files.get(`${dir}/support.md`)}`
  for (const { '@ctr/source': source } of Object.values(manifest.exports ?? {})) {
    const path = source && `${dir}/${source.slice(2)}`
    for (const { name, line } of path && files.has(path) ? exportedValues(files.get(path)) : []) {
      if (!new RegExp(`\\b${name}\\b`).test(documents)) yield { rule: 'documented', path, line, message: `${name} is exported, and neither ${dir}/README.md nor support.md names it` }
    }
  }
}

/** The files of each package that are live as things stand: what the rules would have it declare. */
export function live(files) {
  const found = new Map()
  for (;;) {
    const more = check(files).filter(({ rule, path, message }) => rule === 'pure' && path.endsWith('.ts') && !/always/.test(message))
    if (more.length === 0) return found
    for (const { path } of more) {
      const [, dir, name] = /^(packages\/[^/]+)\/src\/(.+)$/.exec(path)
      const manifest = JSON.parse(files.get(`${dir}/package.json`))
      const names = [...new Set([...(manifest.ctr?.live ?? []), name])].sort()
      files.set(`${dir}/package.json`, JSON.stringify({ ...manifest, ctr: { live: names } }))
      found.set(dir, names)
    }
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const files = readTree(fileURLToPath(new URL('..', import.meta.url)))
  if (process.argv[2] === '--live') {
    for (const [dir, names] of live(files)) console.log(`${dir}/package.json  "ctr": ${JSON.stringify({ live: names })}`)
    process.exit()
  }
  const violations = check(files)
  for (const { rule, path, line, message } of violations) console.log(`${path}:${line}: ${message} [${rule}]`)
  console.log(violations.length === 0 ? 'The rules of the architecture hold.' : `${violations.length} violations.`)
  process.exitCode = violations.length === 0 ? 0 : 1
}
