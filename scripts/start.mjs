// npm start -- run …: sets up what is missing, then is ctrun, in this very process, so that the terminal, signals and
// the exit status are ctrun's own. Without arguments: the tour.
import { root, setupOrExit } from './setup.mjs'

await setupOrExit(125)

// npm changed to the root of the project; relative paths are meant where the user stands.
if (process.env.INIT_CWD) process.chdir(process.env.INIT_CWD)
const args = process.argv.slice(2)
process.argv = [process.argv[0], `${root}/node_modules/.bin/ctrun`, ...(args.length > 0 ? args : ['tour'])]
await import('../apps/runner/bin/ctrun.cjs')
