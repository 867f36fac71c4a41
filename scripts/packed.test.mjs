import { expect, it } from 'vitest'
import { complaints } from './packed.mjs'

const manifest = JSON.stringify({ exports: { '.': { types: './dist/index.d.ts', default: './dist/index.js' }, './package.json': './package.json' }, bin: { x: './bin/x.mjs' } })
const packed = (files) => complaints(new Map(Object.entries({ 'package.json': manifest, 'README.md': '', ...files })))

it('a package of what leads to each other is whole', () => {
  expect(packed({
    'bin/x.mjs': "import '../dist/cli/x.js'",
    'dist/index.js': 'import { a } from "./chunk-A.js"; new Worker(new URL("./thread.js", import.meta.url))',
    'dist/chunk-A.js': "const lazy = () => import('./chunk-B.js')",
    'dist/chunk-B.js': '', 'dist/thread.js': '', 'dist/cli/x.js': '',
    'dist/index.d.ts': '', 'dist/cli/x.d.ts': '', 'src/index.ts': '', 'src/cli/x.ts': '', 'src/testing.ts': '',
  })).toEqual([])
})

it.each([
  ['a chunk of an earlier build', { 'dist/chunk-OLD.js': 'import "./index.js"', 'dist/index.js': '' }, ['dist/chunk-OLD.js is of an earlier build: nothing leads to it']],
  ['the types of a file that is gone', { 'dist/gone.d.ts': '' }, ['dist/gone.d.ts is of an earlier build: src/gone.ts is not there']],
  ['tests', { 'src/a.test.ts': '', 'src/fixtures/b.ts': '', 'dist/fixtures/b.d.ts': '', 'src/__snapshots__/c.snap': '' },
    ['dist/fixtures/b.d.ts', 'src/__snapshots__/c.snap', 'src/a.test.ts', 'src/fixtures/b.ts'].map((file) => `${file} is for tests`)],
])('finds %s', (_, files, expected) => expect(packed(files)).toEqual(expected))
