import { spawnSync } from 'node:child_process'
import { beforeAll, expect, test } from 'vitest'
import { ctrun, patience, pidOf, remains, script, uniqueName, until } from '../../test/ctrun.ts'
import { Typist } from '../../test/typist.ts'

const missing = spawnSync('script', ['--version']).status !== 0
let cli: string
beforeAll(async () => { cli = await script() })

/** A shell in a container, in a terminal that a shell of the host was in. */
async function shell(flags = '') {
  const name = uniqueName()
  const typist = new Typist()
  await typist.sees(/host> /)
  const tty = await typist.asks('tty')
  const before = await typist.asks('stty -g')
  typist.type(`${process.execPath} ${cli} run --rm -it --name ${name} -e PS1='ins''ide> ' ${flags} host sh\n`)
  await typist.sees(/inside> /)
  return { name, typist, tty, before }
}

test.skipIf(missing)('-it is a terminal of its own: name, size, resize, job control, exit status (needs script)', { timeout: 60_000 * patience }, async () => {
  const { name, typist, tty, before } = await shell()
  await using _ = typist
  expect(await typist.asks('tty')).toBe('/dev/pts/0')
  expect(await typist.asks('cat /proc/self/fd/0 < /dev/null; ls -l /proc/self/fd/0')).toMatch(/\/dev\/pts\/0$/)
  spawnSync('stty', ['-F', tty, 'rows', '33', 'cols', '99'])
  await until(async () => (await typist.asks('stty size')) === '33 99', 'the new size is inside')
  typist.type('sleep 100\n')
  await until(async () => (await ctrun(['top', name])).stdout.includes('sleep 100'), 'it runs, so it is in the foreground')
  typist.type('\x1a')
  await typist.sees(/Stopped/)
  expect(await typist.asks('jobs')).toContain('Stopped')
  typist.type('fg\n')
  await typist.sees(/fg\r\nsleep 100\r\n/)
  typist.type('\x03')
  await typist.sees(/\^C[^]*inside> /)
  expect(await typist.asks('echo $?')).toBe('130')
  typist.type('exit 5\n')
  await typist.sees(/host> /)
  expect(await typist.asks('echo $?')).toBe('5')
  expect(await typist.asks('stty -g')).toBe(before)
  expect(remains(name)).toEqual([])
})

test.skipIf(missing).each(['SIGKILL', 'SIGTERM', 'SIGHUP'] as const)('after %s of ctrun the terminal is as it was, and the container is gone (needs script)', { timeout: 60_000 * patience }, async (signal) => {
  const { name, typist, tty, before } = await shell('--stop-timeout 1')
  await using _ = typist
  expect(spawnSync('stty', ['-F', tty, '-g'], { encoding: 'utf8' }).stdout.trim()).not.toBe(before)
  const owner = Number((await ctrun(['inspect', '-f', '{{.State.OwnerPid}}', name])).stdout)
  process.kill(owner, signal)
  await typist.sees(/host> /)
  await until(() => spawnSync('stty', ['-F', tty, '-g'], { encoding: 'utf8' }).stdout.trim() === before, 'the settings are back')
  await until(() => remains(name).length === 0, 'everything is gone')
})

test.skipIf(missing)('a container without -t never has the terminal of the host (needs script)', { timeout: 60_000 * patience }, async () => {
  await using typist = new Typist()
  await typist.sees(/host> /)
  typist.type(`${process.execPath} ${cli} run --rm -i host sh -c 'for i in 0 1 2; do test -t $i && echo "is ""a terminal"; done; read line; echo "heard" $line'\n`)
  typist.type('something\n')
  await typist.sees(/heard something/)
  await typist.sees(/host> /)
  expect(typist.screen).not.toContain('is a terminal')
})

test.skipIf(missing)('exec -it is a terminal beside the first (needs script)', { timeout: 60_000 * patience }, async () => {
  const name = uniqueName()
  const running = ctrun(['run', '--rm', '--name', name, 'host', 'sleep', '60'])
  await pidOf(name)
  {
    await using typist = new Typist()
    await typist.sees(/host> /)
    const before = await typist.asks('stty -g')
    typist.type(`${process.execPath} ${cli} exec -it -e PS1='ins''ide> ' ${name} sh\n`)
    await typist.sees(/inside> /)
    expect(await typist.asks('tty')).toMatch(/^\/dev\/pts\/\d+$/)
    expect(await typist.asks('cat /proc/1/comm')).toBe('sleep')
    typist.type('exit 3\n')
    await typist.sees(/host> /)
    expect(await typist.asks('echo $?')).toBe('3')
    expect(await typist.asks('stty -g')).toBe(before)
  }
  await ctrun(['kill', name])
  await running
  expect(remains(name)).toEqual([])
})

test.skipIf(missing)('--step stops before each call and can undo it all (needs script)', { timeout: 60_000 * patience }, async () => {
  const name = uniqueName()
  await using typist = new Typist()
  await typist.sees(/host> /)
  typist.type(`${process.execPath} ${cli} run --rm --name ${name} --step host echo done\n`)
  await typist.sees(/step 2\/\d+ /)
  const [, pid] = await typist.sees(/ls -l \/proc\/(\d+)\/ns/)
  expect(Number(pid)).toBeGreaterThan(1)
  typist.type('\n')
  await typist.sees(/step 3\/\d+ /)
  typist.type('q\n')
  await typist.sees(/stopped before step 3/)
  await typist.sees(/host> /)
  expect(await typist.asks('echo $?')).toBe('125')
  expect(remains(name)).toEqual([])
  typist.type(`${process.execPath} ${cli} run --rm --name ${name} --step host echo "do""ne"\n`)
  await typist.sees(/step 2\/\d+ /)
  typist.type('c\n')
  await typist.sees(/done/)
})
