// The scenarios with one runtime, inside a sandbox: prints a line of JSON for each, as it ends.
import { connect } from './bundle.mjs'
import { scenarios as lifecycle } from './lifecycle.mjs'
import { scenarios as networkDevices } from './network-devices.mjs'
import { scenarios as properties } from './properties.mjs'

const [runtimePath, root, only] = process.argv.slice(2)
const runtime = connect({ runtime: runtimePath, root, work: '/var/tmp' })
for (const { section, name, see } of [...lifecycle, ...properties, ...networkDevices]) {
  if (only && !name.includes(only)) continue
  const start = Date.now()
  let saw
  try {
    saw = { seen: await see(runtime) }
  } catch (error) {
    saw = { error: error.stack }
  }
  await new Promise((resolve) => process.stdout.write(`${JSON.stringify({ name: `${section}: ${name}`, ...saw, ms: Date.now() - start })}\n`, resolve))
}
