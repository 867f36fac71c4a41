import { createRequire } from 'node:module'
import { join } from 'node:path'

/** One of the package's files, with all it imports, as one JavaScript file for a child process of its own: Node 20 runs no TypeScript. */
export function bundle(entry: string, to: string): string {
  const require = createRequire(import.meta.url)
  // The one that tsup brings.
  const esbuild = createRequire(require.resolve('tsup'))('esbuild') as { buildSync(options: object): void }
  const file = join(to, 'child.mjs')
  esbuild.buildSync({ entryPoints: [new URL(entry, import.meta.url).pathname], outfile: file, bundle: true, platform: 'node', format: 'esm', conditions: ['@ctr/source'], logLevel: 'error' })
  return file
}
