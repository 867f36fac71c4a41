// Each rule fails where it should, and only there.
import { describe, expect, it } from 'vitest'
import { check, imports } from './rules.mjs'

const entry = (stem) => ({ '@ctr/source': `./src/${stem}.ts`, types: `./dist/${stem}.d.ts`, default: `./dist/${stem}.js` })

/** A repository that keeps every rule, with some files replaced or added. */
function tree(changes = {}) {
  const files = new Map()
  const add = (dir, dependencies, extra = {}) => {
    const manifest = { name: `@ctr/${dir.split('/')[1]}`, exports: { '.': entry('index'), './package.json': './package.json' }, dependencies, ...extra }
    files.set(`${dir}/package.json`, JSON.stringify(manifest, null, 2))
    for (const name of ['README.md', 'support.md', 'CHANGELOG.md']) files.set(`${dir}/${name}`, '')
    files.set(`${dir}/src/index.ts`, 'export {}\n')
  }
  add('packages/syscall', { koffi: '1' }, { exports: { '.': entry('index'), './perform': entry('perform') }, ctr: { live: ['perform.ts'] } })
  files.set('packages/syscall/src/perform.ts', "import koffi from 'koffi'\nimport { readFileSync } from 'node:fs'\n")
  add('packages/elf', {})
  add('packages/launch', { '@ctr/syscall': '*', '@ctr/elf': '*', koffi: '1' }, { ctr: { live: ['launch.ts', 'host/'] } })
  files.set('packages/launch/src/launch.ts', "import { elf } from '@ctr/elf'\nimport { spawn } from './host/spawn.ts'\n")
  files.set('packages/launch/src/host/spawn.ts', "import koffi from 'koffi'\n")
  add('packages/ns', { '@ctr/syscall': '*', '@ctr/cgroup': '*' })
  add('packages/cgroup', { '@ctr/syscall': '*', '@ctr/launch': '*' })
  add('packages/procfs', { '@ctr/syscall': '*' })
  add('apps/runner', { '@ctr/ns': '*', '@ctr/cgroup': '*', '@ctr/launch': '*' })
  files.set('apps/runner/src/index.ts', "import '@ctr/ns'\nimport '@ctr/launch'\nimport fs from 'node:fs'\n")
  for (const [path, text] of Object.entries(changes)) {
    if (text === undefined) files.delete(path)
    else files.set(path, text)
  }
  return files
}

const rules = (changes) => check(tree(changes)).map(({ rule, path, line }) => `${rule} ${path}:${line}`)

it('finds nothing in a repository that keeps the rules', () => expect(rules({})).toEqual([]))

describe('what fails', () => {
  it.each([
    ['base', 'packages/procfs/src/index.ts', "\nimport { sys } from '@ctr/syscall'\n", 2],
    ['base', 'packages/procfs/src/a.ts', "import type { Syscall } from '@ctr/syscall'\n", 1],
    ['sibling', 'packages/ns/src/a.ts', "import { x } from '@ctr/cgroup'\n", 1],
    ['sibling', 'packages/ns/src/a.ts', "// why\nexport * from '@ctr/cgroup'\n", 2],
    ['launch', 'packages/cgroup/src/a.ts', "import {\n  launch,\n} from '@ctr/launch'\n", 1],
    ['pure', 'packages/ns/src/a.ts', "import { readFileSync } from 'node:fs'\n", 1],
    ['pure', 'packages/ns/src/a.ts', "import 'node:fs'\n", 1],
    ['pure', 'packages/ns/src/a.ts', "import { perform } from '@ctr/syscall/perform'\n", 1],
    ['pure', 'packages/syscall/src/index.ts', "export type * from './types.ts'\nimport './perform.ts'\n", 2],
    ['pure', 'packages/launch/src/index.ts', "import { spawn } from './host/spawn.js'\n", 1],
    ['pure', 'packages/syscall/src/a.ts', "import koffi from 'koffi'\n", 1],
    ['name', 'packages/ns/src/utils.ts', '', 1],
    ['name', 'packages/ns/src/helpers/a.ts', '', 1],
    ['name', 'packages/ns/test/common/a.ts', '', 1],
    ['length', 'packages/ns/src/long.ts', '//\n'.repeat(601), 601],
    ['only', 'packages/ns/src/a.test.ts', "\nit.only('x', () => {})\n", 2],
    ['only', 'packages/ns/src/a.kernel.test.ts', "describe.concurrent.only('x', () => {})\n", 1],
    ['declared', 'packages/elf/src/a.ts', "import x from 'left-pad'\n", 1],
    ['exports', 'packages/elf/package.json', '{ "name": "@ctr/elf", "exports": {\n".": { "@ctr/source": "./src/lib/index.ts", "types": "./dist/index.d.ts", "default": "./dist/index.js" } } }', 2],
    ['exports', 'packages/elf/package.json', '{ "name": "@ctr/elf", "exports": {\n"./deep/a": {} } }', 2],
    ['documents', 'packages/elf/support.md', undefined, 1],
    ['documented', 'packages/elf/src/index.ts', "\nexport {\n  type Assembler, assembler,\n} from './assembler.ts'\n", 2],
    ['documented', 'packages/elf/src/index.ts', '/** Said. */\nexport async function elf() {}\n', 2],
  ])('%s: %s', (rule, path, text, line) => expect(rules({ [path]: text })).toContain(`${rule} ${path}:${line}`))

  it('exports: a file that does not exist', () => {
    expect(rules({ 'packages/elf/src/index.ts': undefined })).toEqual(['exports packages/elf/package.json:4'])
  })

  it('pure: the index of elf, although it is declared live', () => {
    const manifest = { ...JSON.parse(tree().get('packages/elf/package.json')), ctr: { live: ['index.ts'] } }
    expect(rules({ 'packages/elf/package.json': JSON.stringify(manifest) })).toEqual(['pure packages/elf/package.json:0'])
  })

  it('koffi: in a primitive', () => {
    expect(rules({ 'packages/ns/src/a.ts': "import koffi from 'koffi'\n" })).toEqual([
      'declared packages/ns/src/a.ts:1',
      'koffi packages/ns/src/a.ts:1',
      'pure packages/ns/src/a.ts:1',
    ])
  })

  it('a live file that does not exist', () => {
    const manifest = JSON.parse(tree().get('packages/syscall/package.json'))
    manifest.ctr.live.push('gone.ts')
    expect(rules({ 'packages/syscall/package.json': JSON.stringify(manifest, null, 1) })[0]).toMatch(/^exports packages\/syscall/)
  })
})

describe('what is allowed', () => {
  it.each([
    ['types of a live file', 'packages/syscall/src/a.ts', "import type { Performed } from './perform.ts'\n"],
    ['a live file, lazily', 'packages/syscall/src/a.ts', "const { perform } = await import('./perform.ts')\n"],
    ['node:* in tests', 'packages/ns/src/a.test.ts', "import { readFileSync } from 'node:fs'\n"],
    ['primitives and launch in kernel tests', 'packages/ns/src/a.kernel.test.ts', "import '@ctr/launch'\nimport '@ctr/cgroup'\n"],
    ['node:* in a comment', 'packages/ns/src/a.ts', "/* import 'node:fs' */\n// import 'node:fs'\n"],
    ['a long generated table', 'packages/ns/src/long.ts', `// generated from linux-libc-dev\n${'//\n'.repeat(900)}`],
    ['only in a string of a source', 'packages/ns/src/a.ts', "export const text = 'it.only'\n"],
  ])('%s', (_, path, text) => expect(rules({ [path]: text })).toEqual([]))
})

it('imports are found in every form', () => {
  const source = [
    "import a, { type B } from './a.ts'",
    "import type { C } from './c.ts'",
    "export type { D } from './d.ts'",
    "export * as e from './e.ts'",
    "import './f.ts'",
    "type G = import('./g.ts').G; const h = await import('./h.ts')",
    "import type from './i.ts'",
  ]
  expect(imports(source.join('\n')).map(({ from, kind, line }) => `${line} ${from} ${kind}`)).toEqual([
    '1 ./a.ts value',
    '2 ./c.ts type',
    '3 ./d.ts type',
    '4 ./e.ts value',
    '5 ./f.ts value',
    '6 ./g.ts lazy',
    '6 ./h.ts lazy',
    '7 ./i.ts value',
  ])
})
