import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync, chmodSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

/** Less than a test may take altogether, where the processor is emulated too. */
const patience = process.env['CTR_GUEST'] === undefined ? 25_000 : 110_000

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

/** The package, from the place of the sources, as JavaScript files beside each other, for processes of their own: Node 20 runs no TypeScript. */
export async function nodePackage() {
  const folder = mkdtempSync(join(tmpdir(), 'ns-package-'))
  chmodSync(folder, 0o755) // a program may run as another user
  await build({
    entryPoints: { index: at('../src/index.ts'), 'entered-thread': at('../src/entered-thread.ts'), launch: at('launch.ts') },
    outdir: folder, splitting: true, bundle: true, platform: 'node', format: 'esm', target: 'node20', conditions: ['@ctr/source'], external: ['koffi'], logLevel: 'error',
  })
  mkdirSync(join(folder, 'node_modules'))
  symlinkSync(realpathSync(at('../../syscall/node_modules/koffi')), join(folder, 'node_modules/koffi'))
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
  let count = 0
  return {
    folder,
    /** Writes a file beside the package, which it can import as `./index.js`. */
    file(name: string, text: string): string {
      writeFileSync(join(folder, name), text)
      return join(folder, name)
    },
    /** Runs a program there, behind another command or not: its status and what it has printed. */
    async run(program: string, before: readonly string[] = []) {
      const [command, ...args] = [...before, process.execPath, this.file(`program-${count++}.js`, program)]
      const child = spawn(command!, args, { stdio: ['ignore', 'pipe', 'pipe'], timeout: patience, killSignal: 'SIGKILL' })
      const text = { out: '', err: '' }
      child.stdout.on('data', (data: Buffer) => void (text.out += data.toString()))
      child.stderr.on('data', (data: Buffer) => void (text.err += data.toString()))
      const status = await new Promise<number | string>((resolve, reject) => child.on('error', reject).on('close', (code, signal) => resolve(code ?? signal!)))
      return { status, ...text }
    },
    remove: () => rmSync(folder, { recursive: true }),
  }
}
