// The command. Everything is loaded when it is needed: help and lists must not wait for the koffi binding.
import { main } from './cli/main.ts'

void main(process.argv.slice(2))
