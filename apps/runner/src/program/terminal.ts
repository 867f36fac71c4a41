export { openTerminal, takeTerminal, terminalCheckpoint } from '@ctr/launch/calls'
