// A test that failed and then passed is wrong, or has found something: CI lists it with its first error, and lets it pass. It does not let
// pass more than three in one run: that is no chance.
import { readFileSync, readdirSync } from 'node:fs'

const bound = 3
const dir = process.env.CTR_REPORTS
const retried = readdirSync(dir).flatMap((name) => JSON.parse(readFileSync(`${dir}/${name}`, 'utf8')).retried.map((each) => ({ ...each, from: name.replace('.json', '') })))

for (const { from, test, error } of retried) console.log(`passed at the second attempt (${from}): ${test}\n    ${error.split('\n')[0]}`)
console.log(retried.length > bound ? `${retried.length} tests needed a second attempt; ${bound} are let pass.` : `${retried.length} tests needed a second attempt.`)
process.exitCode = retried.length > bound ? 1 : 0
