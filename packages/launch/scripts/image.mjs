// Writes the interpreter as an executable file of the package, for hosts that forbid executing memfds. Run after tsup.
import { createHash } from 'node:crypto'
import { mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** @param {{ packaged: (machine: 'x64' | 'arm64') => Uint8Array, interpreterHash: Record<'x64' | 'arm64', string> }} launch the built package */
export function writeImages({ packaged, interpreterHash }) {
  const folder = fileURLToPath(new URL('../image/', import.meta.url))
  mkdirSync(folder, { recursive: true })
  for (const machine of ['x64', 'arm64']) {
    const image = packaged(machine)
    const hash = createHash('sha256').update(image).digest('hex')
    if (hash !== interpreterHash[machine]) throw new Error(`The interpreter for ${machine} has the hash ${hash}; src/interpreter-hash.ts says ${interpreterHash[machine]}`)
    // Renamed into place: a file that is being executed cannot be written to, and nobody may execute half of one.
    const file = `${folder}interpreter-${machine}`
    writeFileSync(`${file}.${process.pid}`, image, { mode: 0o755 })
    renameSync(`${file}.${process.pid}`, file)
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeImages(await import('../dist/index.js'))
