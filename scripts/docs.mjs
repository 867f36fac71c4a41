// Runs the examples of every README.md, and those of docstrings (docstrings.mjs), as they are written, on the built packages.
//
//   ```ts, ```js   is run; `ts no-run` is not
//   ```sh          the same, in a shell and at the root; but for `npm test`, which takes minutes and is run by itself
//   ```text        when it is the next block: what the example prints. `…` stands for anything within a line, a line of
//                  only `…` for any lines; a first line `// prints` is not compared
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { runDocstrings } from './docstrings.mjs'
import { root, setupOrExit } from './setup.mjs'

/** @returns {{ info: string, line: number, text: string }[]} the fenced blocks; line is that of the first line inside */
export function blocks(markdown) {
  const found = []
  let open
  markdown.split('\n').forEach((line, index) => {
    const fence = /^\s*(`{3,}|~{3,})\s*(.*)$/.exec(line)
    if (open) {
      if (fence && fence[1].startsWith(open.fence) && fence[2] === '') {
        found.push({ info: open.info, line: open.line, text: open.lines.join('\n') })
        open = undefined
      } else open.lines.push(line)
    } else if (fence) open = { fence: fence[1], info: fence[2].trim(), line: index + 2, lines: [] }
  })
  return found
}

/** @returns {{ line: number, code: string, prints?: string, printsLine?: number }[]} what is to be run */
export function examples(markdown) {
  const all = blocks(markdown)
  return all.flatMap(({ info, line, text }, index) => {
    if (!['ts', 'js', 'sh'].includes(info)) return []
    const next = all[index + 1]
    const output = next?.info === 'text' ? { prints: next.text.replace(/^\/\/ prints:?\n/, ''), printsLine: next.line } : {}
    return [{ line, code: text, ...(info === 'sh' ? { shell: true } : {}), ...output }]
  })
}

const literally = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
const tidy = (text) => text.replace(/[ \t]+$/gm, '').trim()

/** True when the output is what the document says. */
export function agrees(expected, actual) {
  const lines = tidy(expected).split('\n').map((line) => (line.trim() === '…' ? '(?:.*\n)*?' : `${line.split('…').map(literally).join('.*')}\n`))
  return new RegExp(`^${lines.join('')}$`).test(`${tidy(actual)}\n`)
}

/** The commands in it, without those that are tests. */
export const commands = (code) => code.split('\n').filter((line) => !line.startsWith('npm test')).join('\n')

async function run(dir, document, { line, code, shell = false, prints, printsLine }) {
  const { transform } = await import('esbuild')
  const place = `${document}:${line}`
  const file = `${root}/${dir}/.example-${process.pid}.mjs`
  try {
    const options = { cwd: shell ? root : `${root}/${dir}`, encoding: 'utf8', timeout: 60_000, maxBuffer: 1 << 26 }
    // Line numbers of errors are those of the document.
    const padded = '\n'.repeat(line - 1) + code
    const built = shell ? undefined : await transform(padded, { loader: 'ts', target: 'node20', format: 'esm', sourcemap: 'inline', sourcefile: document.split('/').at(-1) })
    if (built) writeFileSync(file, built.code)
    const child = built ? spawnSync(process.execPath, ['--enable-source-maps', file], options) : spawnSync('sh', ['-e', '-c', commands(code)], { ...options, stdio: ['ignore', 'pipe', 'pipe'] })
    if (child.status !== 0) return `${place}: the example ${child.signal ? `was ended by ${child.signal}` : `exited with ${child.status}`}\n${child.stderr}`
    if (prints !== undefined && !agrees(prints, child.stdout)) {
      return `${document}:${printsLine}: the example prints something else\n--- the document says\n${tidy(prints)}\n--- it prints\n${tidy(child.stdout)}`
    }
  } catch (error) {
    return `${place}: ${error.message}`
  } finally {
    rmSync(file, { force: true })
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await setupOrExit()
  const dirs = ['.', 'examples', ...['packages', 'apps'].flatMap((parent) => readdirSync(`${root}/${parent}`).map((name) => `${parent}/${name}`))]
  const wanted = process.argv.slice(2)
  let [passed, failed] = [0, 0]
  for (const dir of dirs) {
    const document = dir === '.' ? 'README.md' : `${dir}/README.md`
    if (!existsSync(`${root}/${document}`) || (wanted.length > 0 && !wanted.some((part) => document.includes(part)))) continue
    for (const example of examples(readFileSync(`${root}/${document}`, 'utf8'))) {
      const problem = await run(dir, document, example)
      if (problem) console.log(problem)
      problem ? failed++ : passed++
    }
  }
  for (const dir of dirs.slice(2)) {
    if (wanted.length > 0 && !wanted.some((part) => dir.includes(part))) continue
    const [right, wrong] = await runDocstrings(dir)
    passed += right
    failed += wrong
  }
  console.log(`${passed} passed, ${failed} failed, 0 skipped`)
  process.exitCode = failed > 0 ? 1 : 0
}
