import { execFile, spawnSync } from 'node:child_process'
import { chmodSync, chownSync, copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { transformSync } from 'esbuild'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

const cacheScript = fileURLToPath(new URL('../bin/code-cache.cjs', import.meta.url))

describe('the code that is kept of a command', () => {
  let scratch: string
  let directory: string
  let file: string
  beforeEach(() => {
    scratch = mkdtempSync(join(tmpdir(), 'ctr-code-cache-'))
    directory = join(scratch, 'cache')
    mkdirSync(directory, { mode: 0o700 })
    file = join(scratch, 'command.cjs')
  })
  afterEach(() => rmSync(scratch, { recursive: true, force: true }))

  /** What the command prints, in a process of its own: the code is kept when that ends. */
  function run(...words: string[]): string {
    return runWith({}, ...words)
  }
  /** A file, as commands are: what stands behind `-e` is among the flags of Node. */
  function scriptFile(): string {
    const path = join(scratch, 'start.cjs')
    writeFileSync(path, `const { run } = require(${JSON.stringify(cacheScript)}); run(${JSON.stringify(file)}, ${JSON.stringify(directory)}, ['state', 'kill'])`)
    return path
  }
  function runWith(env: NodeJS.ProcessEnv, ...words: string[]): string {
    const { NODE_OPTIONS: _, ...others } = process.env
    const { stdout, stderr, status } = spawnSync(process.execPath, [scriptFile(), ...words], { encoding: 'utf8', env: { ...others, ...env } })
    expect({ stderr, status }).toEqual({ stderr: '', status: 0 })
    return stdout
  }
  const kept = () => readdirSync(directory).sort()
  const written = (name: string) => statSync(join(directory, name), { bigint: true }).ctimeNs

  test('is of the command that ran, for its user alone, and is used the next time', () => {
    writeFileSync(file, 'function state() { return "state" }\nfunction kill() { return "kill" }\nprocess.stdout.write(process.argv.includes("kill") ? kill() : state())')
    expect(run('state')).toBe('state')
    const [first] = kept()
    expect(first).toMatch(/^command\.cjs-\d+-v[\d.]+-state$/)
    expect(statSync(join(directory, first!)).mode & 0o777).toBe(0o600)
    const then = written(first!)
    expect(run('state')).toBe('state')
    expect(written(first!)).toBe(then)
    expect(run('kill')).toBe('kill')
    expect(kept()).toEqual([first!.replace(/state$/, 'kill'), first])
  })

  test('is not used for another text, though it be of the same length and of the same date', () => {
    writeFileSync(file, 'process.stdout.write("one")')
    expect(run()).toBe('one')
    const then = written(kept()[0]!)
    // npm gives all files of all packages one date.
    writeFileSync(file, 'process.stdout.write("two")')
    expect(run()).toBe('two')
    expect(kept()).toHaveLength(1)
    expect(written(kept()[0]!)).not.toBe(then)
    expect(run()).toBe('two')
  })

  test('may be cut, or anything else: then it is made again', () => {
    writeFileSync(file, 'process.stdout.write("here")')
    run()
    const path = join(directory, kept()[0]!)
    const whole = readFileSync(path)
    for (const damaged of [whole.subarray(0, 10), whole.subarray(0, 200), Buffer.alloc(0), Buffer.concat([whole.subarray(0, 128), Buffer.alloc(1000)])]) {
      writeFileSync(path, damaged)
      expect(run()).toBe('here')
      expect(readFileSync(path).length).toBe(whole.length)
    }
  })

  test('files beside the command are kept too, and run once', () => {
    writeFileSync(file, 'process.stdout.write(require("./other.cjs").name + require("./other.cjs").name + require("node:path").basename(moduleUrl))')
    writeFileSync(join(scratch, 'other.cjs'), 'process.stdout.write("once "); exports.name = require("node:path").basename(__filename) + " "')
    for (const _ of [1, 2]) expect(run()).toBe('once other.cjs other.cjs command.cjs')
    expect(kept().map((name) => name.replace(/-.*/, ''))).toEqual(['command.cjs', 'other.cjs'])
  })

  test('modules of Node have all of their members, also those that are imported where they are used', () => {
    const source = 'export const names = async () => { const { createConnection, Socket } = await import("node:net"); return [createConnection.name, Socket.name, (await import("node:tty")).WriteStream.name].join() }\nnames().then((text) => process.stdout.write(text))'
    // As commands are built.
    writeFileSync(file, transformSync(source, { format: 'cjs', platform: 'node', minify: true, supported: { 'dynamic-import': false } }).code)
    for (const _ of [1, 2]) expect(run()).toBe('connect,Socket,WriteStream')
  })

  test('what one who was killed while it wrote has left is gone with the next that writes', () => {
    writeFileSync(file, 'process.stdout.write("here")')
    run()
    const [name] = kept()
    const [old, fresh, other] = [`${name}.1.1`, `${name}.2.2`, 'other.cjs-1-v1.2.3-run.1.1']
    for (const each of [old, fresh, other]) writeFileSync(join(directory, each), 'half')
    for (const each of [old, other]) utimesSync(join(directory, each), 0, 0)
    writeFileSync(join(directory, name!), '')
    run()
    expect(kept()).toEqual([name, fresh])
  })

  test('is of the flags that V8 has: who has others does not write over it', () => {
    writeFileSync(file, 'process.stdout.write("here")')
    const options = [{}, { NODE_OPTIONS: '--stack-trace-limit=3' }, { NODE_OPTIONS: '--max-old-space-size=300' }]
    for (const each of options) expect(runWith(each)).toBe('here')
    const names = kept()
    expect(names).toHaveLength(3)
    const then = names.map(written)
    for (const each of options) expect(runWith(each)).toBe('here')
    expect(kept().map(written)).toEqual(then)
  })

  test('has 32 MiB, and what was not used for longest goes for what is new', () => {
    writeFileSync(file, 'process.stdout.write("here")')
    const others = Array.from({ length: 40 }, (_, i) => `other.cjs-${i}-v1.2.3-run`)
    for (const [i, name] of others.entries()) {
      writeFileSync(join(directory, name), '')
      truncateSync(join(directory, name), 2 ** 20)
      // The last of them was written first, and read a minute ago.
      utimesSync(join(directory, name), i === 39 ? Date.now() / 1000 - 60 : 1000 + i, 1000 - i)
    }
    mkdirSync(join(directory, 'directory'))
    expect(run()).toBe('here')
    expect(kept()).toEqual([...others.filter((_, i) => i >= 39 - 30), expect.stringMatching(/^command/), 'directory'].sort())
    // Nobody looks who writes nothing.
    writeFileSync(join(directory, 'more'), '')
    truncateSync(join(directory, 'more'), 2 ** 25)
    expect(run()).toBe('here')
    expect(kept()).toHaveLength(34)
  })

  test('many that begin at once: all run, and one file is left', async () => {
    writeFileSync(file, 'process.stdout.write("here")')
    const script = scriptFile()
    const outputs = await Promise.all(Array.from({ length: 12 }, () => promisify(execFile)(process.execPath, [script])))
    expect(outputs).toEqual(outputs.map(() => ({ stdout: 'here', stderr: '' })))
    expect(kept()).toHaveLength(1)
    const then = written(kept()[0]!)
    expect(run()).toBe('here')
    expect(written(kept()[0]!)).toBe(then)
  })

  test('none can be kept: the command runs', () => {
    writeFileSync(file, 'process.stdout.write("here")')
    rmSync(directory, { recursive: true })
    expect(run()).toBe('here')
  })

  test('only a directory of our own that nobody else can come to', () => {
    // For who is not root, whose place is /run: nobody, where these tests are root's.
    const nobody = 65534
    const own = join(scratch, 'ctrun-cache')
    mkdirSync(own)
    const script = join(scratch, 'code-cache.cjs')
    copyFileSync(cacheScript, script)
    if (process.getuid!() === 0) for (const path of [scratch, own]) chownSync(path, nobody, nobody)
    const found = (mode: number, runtime = scratch) => {
      chmodSync(own, mode)
      return spawnSync(process.execPath, ['-e', `if (process.getuid() === 0) process.setuid(${nobody}); process.stdout.write(String(require(${JSON.stringify(script)}).cacheDirectory()))`], { encoding: 'utf8', env: { ...process.env, XDG_RUNTIME_DIR: runtime } }).stdout
    }
    expect(found(0o700)).toBe(own)
    expect(found(0o770)).toBe('undefined')
    expect(found(0o701)).toBe('undefined')
    expect(found(0o700, '')).toBe('undefined')
    if (process.getuid!() === 0) chownSync(own, 0, 0)
    if (process.getuid!() === 0) expect(found(0o700)).toBe('undefined')
  })
})
