import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const runner = fileURLToPath(new URL('..', import.meta.url))

/**
 * The command, built from the sources of all packages if one of them is newer, so that no test runs a stale dist.
 *
 * @returns the path of the script; it is below node_modules, where koffi is found from
 */
export const bundle = (): Promise<string> => bundleOf('cli')

/** The runtime command, the same way. */
export const ociBundle = (): Promise<string> => bundleOf('oci-cli')

async function bundleOf(name: string): Promise<string> {
  const outfile = `${runner}node_modules/.ctrun-${name}/${name}.mjs`
  // One small file: in the guest, whose processor is emulated, building takes ten seconds, and each file that is loaded its share.
  if (!(modified(outfile) > newest())) {
    await build({
      entryPoints: [`${runner}src/${name}.ts`], outfile, bundle: true, minifySyntax: true, minifyWhitespace: true, format: 'esm', platform: 'node', target: 'node20', external: ['koffi'],
      conditions: ['@ctr/source'], logLevel: 'error',
    })
  }
  return outfile
}

/** When the last change to any source was made, as far as it left a file: this one is a source too. */
function newest(): number {
  const sources = [fileURLToPath(import.meta.url), join(runner, 'src'), ...readdirSync(join(runner, '../../packages')).map((name) => join(runner, '../../packages', name, 'src'))]
  return Math.max(...sources.flatMap((each) => [each, ...entries(each)]).map(modified))
}

const entries = (directory: string): string[] => (statSync(directory).isDirectory() ? readdirSync(directory, { recursive: true }).map((name) => join(directory, String(name))) : [])

const modified = (file: string): number => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? -Infinity
