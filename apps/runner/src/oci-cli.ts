// The runtime command. Everything is loaded when it is needed: engines ask for states often, and that needs no koffi binding.
import { frequentCommands } from './oci/cli/frequent-commands.ts'
import { main } from './oci/cli/main.ts'

void main(process.argv.slice(2), frequentCommands)
