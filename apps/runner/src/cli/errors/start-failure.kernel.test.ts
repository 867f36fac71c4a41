import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { remains, uniqueName } from '../../../test/ctrun.ts'
import { container, containerPlan } from '../../container.ts'
import { readFacts } from '../../read-facts.ts'
import { start } from '../../start.ts'
import { colours } from '../colour.ts'
import { parseFlags } from '../flags/parse.ts'
import { runConfig } from '../flags/run-config.ts'
import { runFlags } from '../flags/run-flags.ts'
import { printReport } from './print-report.ts'
import { ReportedError } from './report.ts'
import { explainStartFailure } from './start-failure.ts'

const source = mkdtempSync(join(tmpdir(), 'ctrun-fault-'))
afterAll(() => rmSync(source, { recursive: true }))

const name = uniqueName()
const args = parseFlags(runFlags, ['--rm', '--name', name, '-m', '64m', '-v', `${source}:/data:ro`, '--tmpfs', '/t', '-u', '1:2', '--ulimit', 'nofile=64', 'host', '/bin/true'], { command: 'run', stopAtOperand: true })
const config = { ...runConfig(args), name }
const { program } = containerPlan(container(config, readFacts(config, `/run/ctrun/${name}/root`)))

// Each call of every kind once, and whatever a flag has added; the rest differ in their arguments only.
const chosen = program.flatMap((call, index) => (index > 0 && (program.findIndex(({ name }) => name === call.name) === index || JSON.stringify(call.args).includes(source)) ? [[index, call.name] as const] : []))

test.each(chosen)('call %i, %s, refused: the report names the step, fits, and nothing is left', async (index, call) => {
  const error: unknown = await start(config, { fault: { index, when: 'before' } }).then(
    async (running) => { await running[Symbol.asyncDispose](); throw new Error('it started') },
    (refused: unknown) => explainStartFailure(refused, config, args, name),
  )
  expect(error).toBeInstanceOf(ReportedError)
  const { report } = error as ReportedError
  expect(report).toMatchObject({ step: { index: index + 1, sys: call }, undone: index, leftovers: [] })
  const lines = printReport(report, colours(false)).trimEnd().split('\n')
  for (const line of lines) expect(line.length).toBeLessThanOrEqual(80)
  expect(lines[0]).not.toMatch(/: .*: .*: /)
  expect(lines[0]).toMatch(/^✗ run failed at step \d+\/\d+ {2}.* +[A-Z0-9]+$/)
  expect(lines.join('\n')).not.toContain('[checked]')
  if (JSON.stringify(program[index]!.args).includes(source)) expect(report.from).toBe(`-v ${source}:/data:ro`)
  expect(remains(name)).toEqual([])
})
