import { join, relative } from 'node:path'
import { defineConfig, type Options } from 'tsup'
import base from '../../tsup.base.ts'

/** Sources that are in a file of their own, beside that of what imports them. */
const beside: Readonly<Record<string, string>> = { 'oci/making.ts': './ctrun-oci-making.cjs', 'oci/rest.ts': './ctrun-oci-rest.cjs' }

/**
 * Commands are one file each, the packages in it: engines start them for every little thing, and each file that Node has to find takes its
 * time. CommonJS, because whoever imports node:fs makes Node load node:fs/promises as well, a fifth of its own start.
 */
const command = (name: string, source: string): Options => ({
  format: 'cjs', target: 'node20', platform: 'node', silent: true, entry: { [name]: source }, outExtension: () => ({ js: '.cjs' }), splitting: false, clean: false, noExternal: [/^@ctr\//],
  esbuildPlugins: [{
    name: 'beside',
    setup: (build) => build.onResolve({ filter: /\/(making|rest)\.ts$/ }, ({ kind, resolveDir, path }) => {
      const file = beside[relative(`${import.meta.dirname}/src`, join(resolveDir, path))]
      return kind === 'dynamic-import' && file !== undefined ? { path: file, external: true } : undefined
    }),
  }],
  // code-cache.cjs reads ASCII, and tells a file where it is.
  esbuildOptions: (options) => { Object.assign(options, { conditions: ['@ctr/source'], charset: 'ascii', minifySyntax: true, minifyWhitespace: true, define: { 'import.meta.url': 'moduleUrl' }, supported: { 'dynamic-import': false } }) },
})

export default defineConfig([
  { ...(typeof base === 'object' && !Array.isArray(base) ? base : {}), entry: ['src/index.ts'], clean: false },
  command('ctrun', 'src/cli.ts'), command('ctrun-oci', 'src/oci-cli.ts'), command('ctrun-oci-making', 'src/oci/making.ts'), command('ctrun-oci-rest', 'src/oci/rest.ts'),
])
