import { closeSync, existsSync, openSync, readSync, realpathSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type koffi from 'koffi'

let loaded: typeof koffi | undefined

/** koffi, loaded at first use: importing a primitive costs nothing. */
export function loadKoffi(): typeof koffi {
  return (loaded ??= load())
}

/**
 * From the package that has koffi's binary, beside koffi itself, whose own script asks for all that node:util exports. Node 24 then loads
 * its differ and, to know whether that may print in colour, opens standard error: that takes longer than all else, and leaves a pipe
 * that others have too non-blocking (lib/internal/util/colors.js).
 */
function load(): typeof koffi {
  settleStat()
  const require = createRequire(import.meta.url)
  const binary = binaryBeside(dirname(fileURLToPath(import.meta.url)))
  if (binary !== undefined) return require(binary) as typeof koffi
  const script = require.resolve('koffi')
  try {
    return createRequire(script)(`@koromix/koffi-linux-${process.arch}`) as typeof koffi
  } catch (error) {
    // Built on this machine, for want of a package for it.
    if ((error as NodeJS.ErrnoException).code === 'MODULE_NOT_FOUND') return require(script) as typeof koffi
    throw error
  }
}

/**
 * The file that Node would find for that package and its script take, at the place where package managers have it; undefined where it is not
 * there. Finding it through both takes as long as loading it.
 *
 * @see https://nodejs.org/api/modules.html, "Loading from node_modules folders"
 */
function binaryBeside(from: string): string | undefined {
  const nearest = join(from, 'node_modules/koffi')
  if (!existsSync(nearest)) return from === '/' ? undefined : binaryBeside(dirname(from))
  const real = realpathSync.native(nearest)
  const file = `@koromix/koffi-linux-${process.arch}/linux_${process.arch}/koffi.node`
  const binary = [join(real, 'node_modules', file), join(dirname(real), file)].find((path) => existsSync(path))
  return binary !== undefined && usesGlibc() ? binary : undefined
}

/** Where that is not certain, false; by /proc, as the file of a Node that was replaced has no path any more. The interpreter is named in front of everything else, and musl's is ld-musl-x86_64.so.1. @see elf(5), PT_INTERP */
function usesGlibc(): boolean {
  const head = Buffer.alloc(4096)
  const fd = openSync('/proc/self/exe', 'r')
  try {
    return head.toString('latin1', 0, readSync(fd, head)).includes('/ld-linux-')
  } finally {
    closeSync(fd)
  }
}

/**
 * Node's realpathSync looks at the result of the last stat of the process, whatever that was of, and stops at a pipe or socket
 * (`isFileType(statValues, S_IFIFO)` in lib/fs.js). After a program's own fstatSync of a piped stdin, require would not follow the link
 * that node_modules/koffi is, and koffi would not find its binary.
 */
function settleStat(): void {
  statSync('/')
}
