import { readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { buildSync, transformSync, type Plugin } from 'esbuild'
import { defineConfig, type Options } from 'tsup'
import base from '../../tsup.base.ts'

/** Sources that are in a file of their own, beside that of what imports them. */
const beside: Readonly<Record<string, string>> = { 'oci/making.ts': './ctrun-oci-making.cjs', 'oci/rest.ts': './ctrun-oci-rest.cjs' }

const imported = async (code: string) => await import(`data:text/javascript,${encodeURIComponent(code)}`) as Record<string, unknown>

/**
 * Tables of the kernel's names and numbers are text until they are needed: V8 makes an object of one literal with hundreds of members five times
 * as slowly as JSON.parse does, and at every start.
 */
const tables: Plugin = {
  name: 'tables',
  setup: (build) => build.onLoad({ filter: /\/packages\/\w+\/src\/(constants|errno-table|families|numbers|syscall-numbers)\.ts$/ }, async ({ path }) => {
    const { code } = transformSync(readFileSync(path, 'utf8'), { loader: 'ts', format: 'esm' })
    return { contents: Object.entries(await imported(code)).map(([name, value]) => `export const ${name} = /* @__PURE__ */ JSON.parse(${JSON.stringify(JSON.stringify(value))})`).join('\n'), loader: 'js' }
  }),
}

/** The machine code of the interpreter, which is the same every time, is here what it comes to: so nothing of what writes it has to be loaded. */
const interpreter: Plugin = {
  name: 'interpreter',
  setup: (build) => build.onLoad({ filter: /\/packages\/launch\/src\/interpreter\.ts$/ }, async ({ path }) => {
    const [{ text }] = buildSync({ entryPoints: [path], bundle: true, write: false, format: 'esm', conditions: ['@ctr/source'] }).outputFiles as [{ text: string }]
    const write = (await imported(text))['interpreter'] as (machine: string) => Uint8Array
    const codes = Object.fromEntries(['x64', 'arm64'].map((machine) => [machine, Buffer.from(write(machine)).toString('base64')]))
    return { contents: `const codes = ${JSON.stringify(codes)}\nexport const interpreter = (machine) => Buffer.from(codes[machine], 'base64')`, loader: 'js' }
  }),
}

/**
 * Commands are one file each, the packages in it: engines start them for every little thing, and each file that Node has to find takes its
 * time. CommonJS, because whoever imports node:fs makes Node load node:fs/promises as well, a fifth of its own start.
 */
const command = (name: string, source: string): Options => ({
  format: 'cjs', target: 'node20', platform: 'node', silent: true, entry: { [name]: source }, outExtension: () => ({ js: '.cjs' }), splitting: false, clean: false, noExternal: [/^@ctr\//],
  esbuildPlugins: [tables, interpreter, {
    name: 'beside',
    setup: (build) => build.onResolve({ filter: /\/(making|rest)\.ts$/ }, ({ kind, resolveDir, path }) => {
      const file = beside[relative(`${import.meta.dirname}/src`, join(resolveDir, path))]
      return kind === 'dynamic-import' && file !== undefined ? { path: file, external: true } : undefined
    }),
  }],
  // code-cache.cjs reads ASCII, and tells a file where it is.
  esbuildOptions: (options) => { Object.assign(options, { conditions: ['@ctr/source'], charset: 'ascii', minify: true, define: { 'import.meta.url': 'moduleUrl' }, supported: { 'dynamic-import': false } }) },
})

export default defineConfig([
  { ...(typeof base === 'object' && !Array.isArray(base) ? base : {}), entry: ['src/index.ts'], clean: false },
  command('ctrun', 'src/cli.ts'), command('ctrun-oci', 'src/oci-cli.ts'), command('ctrun-oci-making', 'src/oci/making.ts'), command('ctrun-oci-rest', 'src/oci/rest.ts'),
])
