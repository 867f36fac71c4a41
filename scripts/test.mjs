// npm test [-- vitest's arguments]: sets up what is missing, then the unit tests, then the kernel tests, one project
// after the other because the kernel tests count what is on the machine. `--project NAME` chooses another.
import { setupOrExit } from './setup.mjs'
import { line, vitest } from './vitest.mjs'

await setupOrExit()

const projects = []
const args = []
for (let rest = process.argv.slice(2); rest.length > 0; rest = rest.slice(1)) {
  if (rest[0] === '--project' && rest[1]) projects.push((rest = rest.slice(1))[0])
  else if (rest[0].startsWith('--project=')) projects.push(rest[0].slice('--project='.length))
  else args.push(rest[0])
}
if (projects.length === 0) projects.push('unit', 'kernel')

const counts = projects.map((project) => vitest(project, args))
const total = counts.reduce((sum, { passed, failed }) => sum + passed + failed, 0)
if (total === 0) process.stderr.write('No test was run: does the filter match anything?\n')
console.log(line(counts))
process.exitCode = total === 0 || counts.some(({ failed }) => failed > 0) ? 1 : 0
