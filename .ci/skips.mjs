// A test may be skipped where it cannot be done, but CI has two machines: this one and the cgroup v2 guest. What was
// skipped in one must have passed in the other, or be in skips.json ("test", "because") with the reason why neither can.
// The same name in the same file is the same test, also under another `describe`: on v1, on v2.
import { readFileSync, readdirSync } from 'node:fs'

const dir = process.env.CTR_REPORTS
const allowed = JSON.parse(readFileSync(new URL('skips.json', import.meta.url), 'utf8'))
const reports = readdirSync(dir).map((name) => JSON.parse(readFileSync(`${dir}/${name}`, 'utf8')))
const key = ({ file, name }) => `${file} > ${name}`
const passed = new Set(reports.flatMap((report) => report.passedTests ?? []))

const skipped = new Map(reports.flatMap((report) => report.skipped).map((skip) => [`${skip.file} > ${skip.fullName}`, skip]))
const wrong = [...skipped].filter(([name, skip]) => !passed.has(key(skip)) && !allowed.some(({ test }) => name.includes(test)))
for (const [name, { reason }] of wrong) console.log(`skipped everywhere: ${name}${reason ? ` (${reason})` : ''}`)
console.log(wrong.length > 0 ? 'Make CI able to run them, or say in .ci/skips.json why it cannot.' : `${skipped.size} tests were skipped on one machine and passed on the other, or cannot run on either.`)
process.exitCode = wrong.length > 0 ? 1 : 0
