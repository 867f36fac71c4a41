// What Node has compiled once it need not compile again, from Node 22.1 on: a third of the time that `ctrun-oci state` takes.
import { mkdirSync, statSync } from 'node:fs'
import module from 'node:module'

// Never below /tmp, which is Node's own choice: whoever can write there could hand the next one to start us, root, code to run.
const runtime = process.geteuid?.() === 0 ? '/run' : process.env.XDG_RUNTIME_DIR
if (runtime && module.enableCompileCache) {
  const directory = `${runtime}/ctrun-cache`
  try {
    mkdirSync(directory, { mode: 0o700 })
  } catch {
    // It is there, or it cannot be.
  }
  const stat = statSync(directory, { throwIfNoEntry: false })
  if (stat?.isDirectory() && stat.uid === process.geteuid() && (stat.mode & 0o077) === 0) module.enableCompileCache(directory)
}
