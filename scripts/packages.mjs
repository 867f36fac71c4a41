// Checks every package as it would be published, packed by pnpm: is package.json true (publint), do types and modules agree (attw: are
// the types wrong?), is nothing of tests or earlier builds in it (packed.mjs); and, installed by npm into an empty folder with nothing
// of ours but what it depends on, do the examples of its README compile, and does the first one run and print what it says?
//
//   npm run packages [procfs …]
import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { promisify } from 'node:util'
import { agrees, examples } from './docs.mjs'
import { complaints } from './packed.mjs'
import { root, setupOrExit } from './setup.mjs'

await setupOrExit()
const { transform } = await import('esbuild')
const exec = promisify(execFile)
const { packageManager } = JSON.parse(readFileSync(`${root}/package.json`, 'utf8'))
const bin = (name) => `${root}/node_modules/.bin/${name}`
const env = { ...process.env, npm_config_loglevel: 'error', NO_COLOR: '1' }

const all = ['packages', 'apps'].flatMap((parent) => readdirSync(`${root}/${parent}`).map((name) => `${parent}/${name}`))
const wanted = process.argv.slice(2)
const manifests = new Map(all.map((dir) => [dir, JSON.parse(readFileSync(`${root}/${dir}/package.json`, 'utf8'))]))
const temporary = mkdtempSync(`${tmpdir()}/ctr-packages-`)
const place = (dir) => `${temporary}/${dir.replace('/', '-')}`
const tarball = (dir) => `${place(dir)}.tgz`

let [passed, failed] = [0, 0]
async function check(dir, name, work) {
  try {
    await work()
    passed++
    return true
  } catch (error) {
    failed++
    console.log(`${dir}: ${name} failed\n${`${error.stdout ?? ''}${error.stderr ?? error.message}`.trim().replace(/^/gm, '  ')}`)
    return false
  }
}

/** As many at a time as there are processors. */
async function each(dirs, work) {
  const waiting = [...dirs]
  await Promise.all(Array.from({ length: availableParallelism() }, async () => {
    for (let dir; (dir = waiting.shift()); ) await work(dir)
  }))
}

/** A package of ours and those of ours that it depends on, by what they declare. */
function withDependencies(dir, found = new Set()) {
  if (found.has(dir)) return found
  found.add(dir)
  for (const [other, { name }] of manifests) if (name in (manifests.get(dir).dependencies ?? {})) withDependencies(other, found)
  return found
}

async function filesOf(dir) {
  mkdirSync(place(dir))
  await exec('tar', ['-xzf', tarball(dir), '-C', place(dir)])
  const names = readdirSync(`${place(dir)}/package`, { recursive: true }).filter((name) => statSync(`${place(dir)}/package/${name}`).isFile())
  return new Map(names.map((name) => [name, readFileSync(`${place(dir)}/package/${name}`, 'utf8')]))
}

/** All examples compile as strictly as can be, declarations of the packages included. */
async function types(folder, examples) {
  const files = examples.map(({ line }) => `README.md.${line}.ts`)
  examples.forEach(({ code }, i) => writeFileSync(`${folder}/${files[i]}`, `${code}\nexport {}\n`))
  const compilerOptions = { module: 'nodenext', target: 'es2023', lib: ['es2023', 'esnext.disposable'], strict: true, noEmit: true, skipLibCheck: false, types: ['node'], typeRoots: [`${root}/node_modules/@types`] }
  writeFileSync(`${folder}/tsconfig.json`, JSON.stringify({ compilerOptions, files }))
  await exec(bin('tsc'), ['-p', folder], { env })
}

async function firstExample(dir) {
  const folder = `${place(dir)}-alone`
  mkdirSync(folder)
  writeFileSync(`${folder}/package.json`, '{ "private": true, "type": "module" }')
  await exec('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline', ...[...withDependencies(dir)].map(tarball)], { cwd: folder, env })
  const readme = readFileSync(`${folder}/node_modules/${manifests.get(dir).name}/README.md`, 'utf8')
  const all = examples(readme).filter(({ shell }) => !shell)
  await types(folder, all)
  const { code, line, prints } = all[0]
  writeFileSync(`${folder}/example.mjs`, (await transform(code, { loader: 'ts', target: 'node20', format: 'esm' })).code)
  const { stdout } = await exec(process.execPath, ['example.mjs'], { cwd: folder, timeout: 60_000 })
  if (prints === undefined) throw new Error(`README.md:${line}: the first example does not say what it prints`)
  if (!agrees(prints, stdout)) throw new Error(`README.md:${line}: the first example prints something else:\n${stdout}`)
}

try {
  const packed = new Set()
  await each(all, async (dir) => {
    const pack = () => exec('npx', ['--yes', packageManager.split('+')[0], 'pack', '--out', tarball(dir)], { cwd: `${root}/${dir}`, env })
    if (await check(dir, 'pnpm pack', pack)) packed.add(dir)
  })
  await each([...packed].filter((dir) => wanted.length === 0 || wanted.some((part) => dir.includes(part))), async (dir) => {
    const run = (command, ...args) => () => exec(command, args, { cwd: `${root}/${dir}`, env })
    await check(dir, 'publint', run(bin('publint'), 'run', tarball(dir), '--strict'))
    await check(dir, 'attw', run(bin('attw'), tarball(dir), '--profile', 'esm-only', '--no-emoji', '--no-color', '--format', 'ascii'))
    await check(dir, 'what is packed', async () => {
      const wrong = complaints(await filesOf(dir))
      if (wrong.length > 0) throw new Error(`${wrong.join('\n')}\nWhere it is of an earlier build: remove ${dir}/dist, and build again.`)
    })
    await check(dir, 'alone', () => firstExample(dir))
  })
} finally {
  rmSync(temporary, { recursive: true, force: true })
}
console.log(`${passed} passed, ${failed} failed, 0 skipped`)
process.exitCode = failed > 0 ? 1 : 0
