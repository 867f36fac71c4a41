import { createRequire } from 'node:module'
import { join } from 'node:path'

/** One of the package's files, with all it imports, as one JavaScript file for a child process of its own: Node 20 runs no TypeScript. */
export function bundle(entry: string, to: string): string {
  const file = join(to, 'child.mjs')
  esbuild().buildSync({ entryPoints: [new URL(entry, import.meta.url).pathname], outfile: file, ...how })
  return file
}

/** The same of a text, which imports from the package's sources. */
export function bundled(contents: string): string {
  const { outputFiles } = esbuild().buildSync({ stdin: { contents, resolveDir: new URL('../src', import.meta.url).pathname, loader: 'ts' }, write: false, ...how })
  return outputFiles![0]!.text
}

const how = { bundle: true, platform: 'node', format: 'esm', conditions: ['@ctr/source'], logLevel: 'error' }

/** The one that tsup brings. */
function esbuild(): { buildSync(options: object): { readonly outputFiles?: readonly { readonly text: string }[] } } {
  return createRequire(createRequire(import.meta.url).resolve('tsup'))('esbuild') as ReturnType<typeof esbuild>
}
