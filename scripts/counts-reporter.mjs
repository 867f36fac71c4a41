// A vitest reporter that writes what was counted, with the reason of each skip and what failed at the first attempt, to the file named by CTR_COUNTS.
import { writeFileSync } from 'node:fs'
import { relative } from 'node:path'

export default class {
  onTestRunEnd(modules, unhandled) {
    const counts = { passed: 0, failed: 0, skipped: [], passedTests: [], retried: [], errors: unhandled.length }
    for (const module of modules) {
      const file = relative(process.cwd(), module.moduleId)
      // A file that does not load, or a hook that throws, has no test that failed.
      counts.errors += module.errors().length
      for (const suite of module.children.allSuites()) counts.errors += suite.errors().length
      for (const test of module.children.allTests()) {
        const { state, note, errors } = test.result()
        if (state === 'passed' && test.diagnostic()?.flaky) counts.retried.push({ test: `${file} > ${test.fullName}`, error: errors?.[0]?.message ?? '' })
        if (state === 'passed') counts.passed = counts.passedTests.push(`${file} > ${test.name}`)
        else if (state === 'failed') counts.failed++
        else counts.skipped.push({ file, name: test.name, fullName: test.fullName, reason: note ?? '' })
      }
    }
    counts.failed += counts.errors
    writeFileSync(process.env.CTR_COUNTS, JSON.stringify(counts))
  }
}
