// One engine with one runtime, inside a sandbox: prints a line of JSON for each scenario, as it ends.

import { scenariosOf } from './scenarios-of.mjs'

// conmon leaves a file `oom` in the directory that it is started in.
process.chdir('/tmp')

const [engineName, runtime, archive, groups, only] = process.argv.slice(2)
const { start } = await import(`./engine-${engineName}.mjs`)
const scenarios = await scenariosOf(engineName, groups)
const engine = await start({ runtime, archive, groups })
const print = (line) => new Promise((resolve) => process.stdout.write(`${JSON.stringify(line)}\n`, resolve))
try {
  for (const { name, see } of scenarios) {
    if (only && !name.includes(only)) continue
    const start = Date.now()
    let saw
    try {
      saw = { seen: await see(engine) }
    } catch (error) {
      saw = { error: error.stack }
    }
    await print({ name, ...saw, ms: Date.now() - start })
  }
} finally {
  await engine.stop()
}
