import { statSync } from 'node:fs'
import { createRequire } from 'node:module'
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
 * Node's realpathSync looks at the result of the last stat of the process, whatever that was of, and stops at a pipe or socket
 * (`isFileType(statValues, S_IFIFO)` in lib/fs.js). After a program's own fstatSync of a piped stdin, require would not follow the link
 * that node_modules/koffi is, and koffi would not find its binary.
 */
function settleStat(): void {
  statSync('/')
}
