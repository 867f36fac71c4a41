import { createRequire } from 'node:module'
import { join } from 'node:path'

/**
 * Writes a TypeScript file and all it imports as one JavaScript file, for a child process of its own: Node 20 runs no TypeScript.
 *
 * esbuild is the one that tsup brings; koffi is found from where native.ts is.
 */
export function bundle(entry: string, to: string): string {
  const require = createRequire(import.meta.url)
  const esbuild = createRequire(require.resolve('tsup'))('esbuild') as { buildSync(options: object): void }
  const file = join(to, 'child.mjs')
  esbuild.buildSync({
    entryPoints: [new URL(entry, import.meta.url).pathname], outfile: file, bundle: true, platform: 'node', format: 'esm', conditions: ['@ctr/source'], logLevel: 'error',
    define: { 'import.meta.url': JSON.stringify(new URL('../src/native.ts', import.meta.url).href) },
  })
  return file
}
