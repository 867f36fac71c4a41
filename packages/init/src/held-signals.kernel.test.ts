import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { nodeModule } from '../test/node-program.ts'
import { asPid1, endAll, folder, noNamespace, start } from './fixtures/world.ts'

let files: Awaited<ReturnType<typeof nodeModule>>
const more = folder()
beforeAll(async () => { files = await nodeModule() })
afterAll(() => { files.remove(); more.remove() })
afterEach(endAll)

const stay = "console.log('ready'); setInterval(() => {}, 1000)"

/** Runs a program as PID 1, and sends it signals from outside, each after it has printed what it prints for the one before. */
async function send(program: string, signals: readonly [signal: NodeJS.Signals, prints?: string][], node: string[] = []) {
  const running = start([...asPid1, process.execPath, ...node, ...files.args('register', program)])
  await running.prints('ready\n')
  for (const [signal, prints] of signals) {
    process.kill(running.init(), signal)
    if (prints !== undefined) await running.prints(prints)
  }
  return { status: await running.ended, text: running.text() }
}

describe.skipIf(noNamespace)(`signals for Node as PID 1${noNamespace ? `: ${noNamespace}` : ''}`, () => {
  test('without the module they do nothing: this is what it is for', async () => {
    const running = start([...asPid1, process.execPath, ...files.args(undefined, `process.on('SIGUSR2', () => process.exit(3)); ${stay}`)])
    await running.prints('ready\n')
    for (const signal of ['SIGTERM', 'SIGUSR2'] as const) process.kill(running.init(), signal)
    expect(await running.ended).toBe(3)
  })

  test.each([['SIGHUP', 129], ['SIGINT', 130], ['SIGQUIT', 131], ['SIGTERM', 143]] as const)('%s ends it with %i, after exit listeners', async (signal, status) => {
    expect(await send(`process.on('exit', (code) => console.log('exit', code)); ${stay}`, [[signal]])).toEqual({ status, text: `ready\nexit ${status}\n` })
  })

  test('the event says so first', async () => {
    expect(await send(`import { currentReaper } from './reaper.mjs'; currentReaper().on('ending', (signal) => console.log(signal)); ${stay}`, [['SIGINT']])).toEqual({ status: 130, text: 'ready\nSIGINT\n' })
  })

  test('a program that listens decides itself, with what it always gets', async () => {
    const program = `process.on('SIGTERM', (...args) => console.log(...args)); process.on('SIGINT', () => process.exit(7)); ${stay}`
    expect(await send(program, [['SIGTERM', 'SIGTERM 15\n'], ['SIGTERM', 'SIGTERM 15\nSIGTERM 15\n'], ['SIGINT']])).toEqual({ status: 7, text: 'ready\nSIGTERM 15\nSIGTERM 15\n' })
  })

  test('once: the second one ends it, as it would an ordinary process', async () => {
    expect(await send(`process.once('SIGTERM', () => console.log('closing')); ${stay}`, [['SIGTERM', 'closing\n'], ['SIGTERM']])).toEqual({ status: 143, text: 'ready\nclosing\n' })
  })

  test('a listener that removes itself and sends the signal again, as signal-exit does', async () => {
    const program = `
      const cleanUp = () => { if (process.listeners('SIGINT').length !== 1) return; console.log('cleaned up'); process.removeListener('SIGINT', cleanUp); process.kill(process.pid, 'SIGINT') }
      console.log(process.listenerCount('SIGINT'), process.eventNames().includes('SIGINT'))
      process.on('SIGINT', cleanUp); ${stay}`
    expect(await send(program, [['SIGINT']])).toEqual({ status: 130, text: '0 false\nready\ncleaned up\n' })
  })

  test('removing every listener leaves the default', async () => {
    expect(await send(`process.on('SIGTERM', () => {}); process.removeAllListeners('SIGTERM'); process.on('SIGTERM', () => {}); process.removeAllListeners(); ${stay}`, [['SIGTERM']])).toEqual({ status: 143, text: 'ready\n' })
  })

  test('listeners that were there first stay, in order, and are not the last word', async () => {
    const first = more.program('first.cjs', new TextEncoder().encode("process.once('SIGTERM', () => console.log('one')); process.on('SIGTERM', two = () => console.log('two'))"))
    expect(await send(`process.once('SIGUSR2', () => { process.removeListener('SIGTERM', two); console.log('removed') }); ${stay}`, [['SIGTERM', 'one\ntwo\n'], ['SIGUSR2', 'removed\n'], ['SIGTERM']], ['--require', first])).toEqual({ status: 143, text: 'ready\none\ntwo\nremoved\n' })
  })

  test('listeners for newListener and removeListener hear of the program\'s own only', async () => {
    const program = `
      for (const event of ['newListener', 'removeListener']) process.on(event, (name) => { if (name.startsWith('SIG')) console.log(event, name) })
      const listener = () => {}
      process.on('SIGTERM', listener); process.removeListener('SIGTERM', listener); ${stay}`
    expect(await send(program, [['SIGTERM']])).toEqual({ status: 143, text: 'newListener SIGTERM\nremoveListener SIGTERM\nready\n' })
  })
})
