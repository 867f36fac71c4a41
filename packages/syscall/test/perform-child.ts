/**
 * Runs in a child process: performs the program in its argument and prints, as JSON, what came of it.
 */
import { readdirSync, readlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import { parse, type SyscallError } from '../src/index.ts'
import { perform } from '../src/perform.ts'

const koffi = () => Object.keys(createRequire(import.meta.url).cache).some((file) => file.includes('koffi'))
const loadedBefore = koffi()
const uts = (thread: string) => readlinkSync(`/proc/self/task/${thread}/ns/uts`)
let outcome: object
try {
  const { results, fds } = perform(parse(process.argv[2]!))
  outcome = { results, fds }
} catch (error) {
  const { code, index, syscall, message } = error as SyscallError
  outcome = { error: { code, index, syscall, message } }
}
const threads = readdirSync('/proc/self/task')
console.log(JSON.stringify({ ...outcome, koffi: [loadedBefore, koffi()], moved: threads.map((thread) => uts(thread) !== readlinkSync(`/proc/${process.ppid}/ns/uts`)) }))
