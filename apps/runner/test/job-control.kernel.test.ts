import { execFileSync } from 'node:child_process'
import type { Readable, Writable } from 'node:stream'
import { expect, test } from 'vitest'
import { exec, find, run, start, top, type ContainerConfig, type RunningContainer, type StartOptions } from '../src/index.ts'
import { leavesNothing, running, text } from './inside.ts'

/** Somebody at a terminal: types, and waits for what appears. */
class Seat {
  /** All that has appeared so far. */
  screen = ''
  #from = 0
  readonly #keyboard: Writable
  readonly closed: Promise<void>

  constructor({ stdin, stdout }: { readonly stdin: Writable | null; readonly stdout: Readable | null }) {
    this.#keyboard = stdin!
    this.closed = new Promise((resolve) => {
      stdout!.on('data', (chunk: Buffer) => { this.screen += chunk.toString() }).on('close', resolve)
    })
  }

  type(keys: string): void {
    this.#from = this.screen.length
    this.#keyboard.write(keys)
  }

  /** Waits until something appears behind what was there when it was last typed. */
  async sees(pattern: RegExp): Promise<string> {
    await expect.poll(() => this.screen.slice(this.#from), { interval: 10 }).toMatch(pattern)
    return pattern.exec(this.screen.slice(this.#from))![0]
  }
}

let count = 0
const terminal = (config: Partial<ContainerConfig> & Pick<ContainerConfig, 'args'>, options: StartOptions = {}): Promise<RunningContainer> =>
  start({ rootfs: 'host', tty: true, name: `t${process.pid}-j${count++}`, env: { PS1: '> ', HISTFILE: '' }, ...config }, options)

const shell = ['sh', '-i']

test('the command has a terminal: its name, its size, its session', async () => {
  const { stdout } = await run({ rootfs: 'host', tty: true, args: ['sh', '-c', 'tty; stty size; test -t 0 -a -t 1 -a -t 2 && echo all three; cut -d" " -f5-8 /proc/$$/stat; echo $TERM; ls /dev/pts; stat -c "%t:%T %u:%g %a" $(tty)'] }, { size: { columns: 132, rows: 43 } })
  // Process group, session, its device (136:0), and the group in the foreground.
  expect(stdout).toBe('/dev/pts/0\r\n43 132\r\nall three\r\n1 1 34816 1\r\nxterm\r\n0  ptmx\r\n88:0 0:5 620\r\n')
})

test('with init the command has the terminal, and init has none', async () => {
  const { stdout } = await run({ rootfs: 'host', tty: true, init: true, args: ['sh', '-c', 'cut -d" " -f5-8 /proc/$$/stat /proc/1/stat; tty'] })
  expect(stdout).toBe('2 2 34816 2\r\n1 1 0 -1\r\n/dev/pts/0\r\n')
})

test('the terminal belongs to the user', async () => {
  const { stdout } = await run({ rootfs: 'host', tty: true, user: '1000:1000', args: ['sh', '-c', 'stat -c "%u:%g" $(tty); echo again > $(tty); echo > /dev/tty && echo opened'] })
  expect(stdout).toBe('1000:5\r\nagain\r\n\r\nopened\r\n')
})

test('what is typed is echoed and read, line by line', async () => {
  const container = await terminal({ args: ['sh', '-c', 'read line; echo "<$line>"; stty -echo; echo hidden; read line; echo "<$line>"'] })
  const seat = new Seat(container)
  seat.type('wrong\x08\x7f\x7f\x7f\x7f\x7f\x7fright\n')
  await seat.sees(/<right>/)
  await seat.sees(/hidden\r\n/)
  seat.type('secret\n')
  await seat.sees(/<secret>/)
  expect(seat.screen.match(/secret/g)).toHaveLength(1)
  expect(await container.exited).toMatchObject({ exitCode: 0 })
})

test('a new size is seen, and said', async () => {
  const container = await terminal({ args: ['sh', '-c', 'trap "stty size; exit" WINCH; echo ready; while :; do sleep 0.05; done'] })
  const seat = new Seat(container)
  await seat.sees(/ready/)
  container.resize({ columns: 99, rows: 33 })
  await seat.sees(/33 99/)
  expect(await container.exited).toMatchObject({ exitCode: 0 })
})

test('^C ends the job in the foreground, and nothing else', async () => {
  const container = await terminal({ args: shell })
  const seat = new Seat(container)
  await seat.sees(/> $/)
  seat.type('sleep 200 & echo started $!\n')
  await seat.sees(/started \d+/)
  seat.type('sleep 201\n')
  await expect.poll(() => commands(container).includes('sleep 201')).toBe(true)
  seat.type('\x03')
  await seat.sees(/\^C[^]*> $/)
  seat.type('echo "status $?"; jobs\n')
  await seat.sees(/status 130[^]*Running +sleep 200/)
  expect(commands(container)).toEqual(expect.arrayContaining(['sleep 200']))
  expect(commands(container)).not.toContain('sleep 201')
  seat.type('kill %1; exit 4\n')
  expect(await container.exited).toMatchObject({ exitCode: 4 })
})

test('^\\ quits it, ^Z stops it, and jobs, bg and fg work', async () => {
  const container = await terminal({ args: shell })
  const seat = new Seat(container)
  await seat.sees(/> $/)
  expect(seat.screen).not.toMatch(/job control|tty/)
  seat.type('sleep 202\n')
  await expect.poll(() => commands(container).includes('sleep 202')).toBe(true)
  seat.type('\x1a')
  await seat.sees(/Stopped/)
  seat.type('jobs; bg\n')
  await seat.sees(/Stopped +sleep 202[^]*\[1\] sleep 202/)
  seat.type('jobs\n')
  await seat.sees(/Running +sleep 202/)
  seat.type('fg\n')
  await seat.sees(/sleep 202\r\n/)
  seat.type('\x1c')
  await seat.sees(/Quit/)
  seat.type('exit\n')
  expect(await container.exited).toMatchObject({ signal: null })
})

test('^D is the end of what is typed', async () => {
  const container = await terminal({ args: ['sh', '-c', 'cat; echo ended'] })
  const seat = new Seat(container)
  seat.type('line\n')
  await seat.sees(/line\r\nline\r\n/)
  seat.type('\x04')
  await seat.sees(/ended/)
  expect(await container.exited).toMatchObject({ exitCode: 0 })
  await seat.closed

  const interactive = await terminal({ args: shell })
  const other = new Seat(interactive)
  await other.sees(/> $/)
  other.type('\x04')
  expect(await interactive.exited).toMatchObject({ exitCode: 0 })
})

test('a terminal of exec has its own session, size and foreground', async () => {
  await using container = await running('sleep 100')
  const process = await exec(find(container.name), { args: shell, tty: true, env: { PS1: '> ' } }, { size: { columns: 70, rows: 20 } })
  const seat = new Seat(process)
  await seat.sees(/> $/)
  seat.type('stty size; tty\n')
  await seat.sees(/20 70\r\n\/dev\/pts\/0/)
  process.resize({ columns: 71, rows: 21 })
  seat.type('stty size\n')
  await seat.sees(/21 71/)
  seat.type('sleep 203\n')
  await expect.poll(() => commands(container).includes('sleep 203')).toBe(true)
  seat.type('\x03')
  await seat.sees(/\^C[^]*> $/)
  expect(commands(container)).toContain('sleep 100')
  seat.type('exit 8\n')
  expect(await process.exited).toEqual({ exitCode: 8, signal: null })
})

test('two terminals in one container are two', async () => {
  await using container = await running('sleep 100')
  const [a, b] = [await exec(find(container.name), { args: ['sh', '-c', 'tty; read x'], tty: true }), await exec(find(container.name), { args: ['sh', '-c', 'tty; read x'], tty: true })]
  const [seatA, seatB] = [new Seat(a), new Seat(b)]
  const names = [await seatA.sees(/\/dev\/pts\/\d/), await seatB.sees(/\/dev\/pts\/\d/)]
  expect(names).toEqual(['/dev/pts/0', '/dev/pts/1'])
  seatA.type('\n')
  seatB.type('\n')
  await Promise.all([a.exited, b.exited])
})

// T-TTY2: CVE-2017-5226
test('without a terminal there is none to be had, ours least of all', async () => {
  const { stdout, exitCode } = await run({ rootfs: 'host', args: ['perl', '-e', 'print open(my $tty, "+<", "/dev/tty") ? "opened" : $!; my $c = "x"; print " ", ioctl(STDIN, 0x5412, $c) ? "pushed" : $!'] })
  expect({ stdout, exitCode }).toEqual({ stdout: 'No such device or address Inappropriate ioctl for device', exitCode: 0 })
})

test('nothing of a terminal is lost when its last program has ended before it is read', async () => {
  const container = await terminal({ args: ['seq', '1000', '3000'] })
  // Meanwhile it writes 12 kB and ends; the kernel hands out 4 kB at a time.
  execFileSync('sleep', ['0.5'])
  expect(await text(container.stdout)).toHaveLength(2001 * '1000\r\n'.length)
  expect(await container.exited).toMatchObject({ exitCode: 0 })
})

test('a terminal that nobody reads does not keep the container from ending', async () => {
  const container = await terminal({ args: ['sh', '-c', 'echo unread'] })
  expect(await container.exited).toMatchObject({ exitCode: 0 })
  expect(await text(container.stdout)).toBe('unread\r\n')
  const killed = await terminal({ args: ['sh', '-c', 'while :; do echo unread; done'] })
  await new Promise((resolve) => setTimeout(resolve, 200))
  killed.kill()
  expect(await killed.exited).toMatchObject({ signal: 'SIGKILL' })
  killed.stdout!.destroy()
})

/** What runs in the container, as others see it. */
function commands(container: { readonly name: string }): string[] {
  return top(find(container.name)).map(({ command }) => command.join(' '))
}

leavesNothing()
