// The runtime command. Everything is loaded when it is needed: engines ask for states often, and that needs no koffi binding.
import { main } from './oci/cli/main.ts'

await main(process.argv.slice(2))
