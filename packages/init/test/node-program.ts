import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const source = (name: string): string => fileURLToPath(new URL(`../src/${name}.ts`, import.meta.url))

/**
 * The module, from the place of the sources, for processes of its own: Node 20 runs no TypeScript. The three entry points share what
 * they share in the package, and a program beside them can import `./reaper.mjs`, and `./launch.mjs`.
 */
export async function nodeModule() {
  const folder = mkdtempSync(join(tmpdir(), 'init-module-'))
  await build({
    entryPoints: { register: source('register'), subreaper: source('subreaper'), reaper: source('reaper'), launch: fileURLToPath(new URL('launch.ts', import.meta.url)) }, outdir: folder, outExtension: { '.js': '.mjs' }, splitting: true, bundle: true, platform: 'node', format: 'esm', target: 'node20', conditions: ['@ctr/source'], logLevel: 'error',
    // koffi is found from where native.ts is.
    define: { 'import.meta.url': JSON.stringify(new URL('../../syscall/src/native.ts', import.meta.url).href) },
  })
  let count = 0
  return {
    /** Arguments of Node that run a program with the module, or without it. */
    args(preload: 'register' | 'subreaper' | undefined, program: string): string[] {
      const file = join(folder, `program-${count++}.mjs`)
      writeFileSync(file, program)
      return [...(preload ? ['--import', join(folder, `${preload}.mjs`)] : []), file]
    },
    remove: () => rmSync(folder, { recursive: true }),
  }
}
