#!/usr/bin/env node
// guest run [--timeout SECONDS] [--memory SIZE] [--cgroup v1|hybrid|v2] [--append PARAMETERS] [--env KEY=VALUE]… [--result FILE] [-v] [--] COMMAND…
//
// Runs a command on a stock Debian kernel with cgroup v2 only, or as it is asked for, in a machine that QEMU emulates (TCG: no KVM needed), with
// this machine's files, at the same paths, in a copy that is thrown away. Its output and exit status are the command's.
// What the command writes to the file named by GUEST_RESULT is kept, in FILE.
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { fileURLToPath } from 'node:url'
import { kernel } from './kernel.mjs'
import { initramfs } from './initramfs.mjs'

/**
 * @param {string[]} argv
 * @param {{ timeout?: number, memory?: string, cgroup?: 'v1' | 'hybrid' | 'v2', append?: string, env?: Record<string, string>, cwd?: string, output?: import('node:stream').Writable }} options
 *   timeout in seconds; append: more of the kernel's command line; output: where both streams of the command go, instead of this process's own two
 * @returns {Promise<{ status: number, result: string, reason?: string, console: string }>} reason: why there is no status of the command
 */
export async function run(argv, { timeout = 600, memory = '2G', cgroup = 'v2', append = '', env = {}, cwd = process.cwd(), output } = {}) {
  const machine = kernel()
  const dir = mkdtempSync(`${tmpdir()}/ctr-guest-`)
  const children = []
  const start = (command, args, stdio) => {
    const child = spawn(command, args, { stdio })
    child.failed = new Promise((_, reject) => child.on('error', reject))
    child.failed.catch(() => {})
    child.ended = new Promise((resolve) => child.on('close', resolve))
    children.push(child)
    return child
  }
  let interrupted
  const interrupt = (signal) => {
    interrupted = signal
    for (const child of children) child.kill('SIGKILL')
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, interrupt)
  try {
    const defaults = { PATH: process.env.PATH, HOME: process.env.HOME ?? '/root', LANG: 'C.UTF-8', TERM: 'dumb', NO_COLOR: '1', CTR_GUEST: '1', GUEST_RESULT: '/run/guest/result' }
    writeFileSync(`${dir}/initramfs`, initramfs(machine, { argv, cwd, cgroup, env: { ...defaults, ...env } }))

    // cache=always: the host's files are taken not to change while the guest runs.
    const share = start('/usr/lib/qemu/virtiofsd', [`--socket-path=${dir}/share`, '-o', 'source=/,sandbox=chroot,cache=always,log_level=err'], ['ignore', 'ignore', 'pipe'])
    let shareLog = ''
    share.stderr.on('data', (chunk) => (shareLog += chunk))
    await Promise.race([listening(`${dir}/share`), share.failed, share.ended.then(() => { throw new Error(`virtiofsd ended: ${shareLog}`) })])

    const ports = ['out', 'err', 'result', 'status', 'life']
    const qemu = start(
      'qemu-system-x86_64',
      [
        ...['-nodefaults', '-no-user-config', '-no-reboot', '-display', 'none'],
        ...['-machine', 'q35', '-accel', 'tcg,thread=multi', '-cpu', 'max', '-smp', '2', '-m', memory],
        ...['-object', `memory-backend-memfd,id=ram,size=${memory},share=on`, '-numa', 'node,memdev=ram'],
        ...['-kernel', machine.image, '-initrd', `${dir}/initramfs`, '-append', `console=ttyS0 quiet loglevel=4 panic=-1 random.trust_cpu=on ${append}`],
        ...['-chardev', `file,id=console,path=${dir}/console`, '-serial', 'chardev:console'],
        ...['-chardev', `socket,id=share,path=${dir}/share`, '-device', 'vhost-user-fs-pci,chardev=share,tag=host'],
        ...['-device', 'virtio-serial-pci'],
        ...ports.flatMap((name, index) => ['-chardev', `socket,id=${name},fd=${index + 3}`, '-device', `virtserialport,chardev=${name},name=${name}`]),
      ],
      ['ignore', 'ignore', 'pipe', ...ports.map(() => 'pipe')],
    )
    let qemuLog = ''
    qemu.stderr.on('data', (chunk) => (qemuLog += chunk))
    const [, , , out, err, answer, status, life] = qemu.stdio
    out.pipe(output ?? process.stdout, { end: false })
    err.pipe(output ?? process.stderr, { end: false })
    life.on('error', () => {})
    let result = ''
    answer.on('data', (chunk) => (result += chunk))
    let text = ''
    status.on('data', (chunk) => (text += chunk))

    let late = false
    const deadline = setTimeout(() => {
      late = true
      qemu.kill('SIGKILL')
    }, timeout * 1000)
    await Promise.race([qemu.ended, qemu.failed])
    clearTimeout(deadline)

    const log = read(`${dir}/console`)
    if (text !== '') return { status: Number(text), result, console: log }
    if (interrupted) return { status: 130, result, reason: `interrupted by ${interrupted}`, console: '' }
    if (late) return { status: 124, result, reason: `the command had not ended after ${timeout} seconds`, console: log }
    return { status: 125, result, reason: `the guest ended before the command did ${qemuLog}${shareLog}`, console: log }
  } finally {
    for (const child of children) child.kill('SIGKILL')
    await Promise.all(children.map((child) => child.ended))
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.off(signal, interrupt)
    rmSync(dir, { recursive: true, force: true })
  }
}

function read(path) {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

/** True when the socket is in the table of listening ones: connecting would use up virtiofsd's only connection. */
async function listening(path) {
  for (let attempt = 0; attempt < 500; attempt++) {
    if (readFileSync('/proc/net/unix', 'utf8').includes(path)) return
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  throw new Error('virtiofsd did not open its socket')
}

function parse(args) {
  const options = { env: {} }
  let verbose = false
  for (let index = 0; index < args.length; index++) {
    const value = () => args[++index] ?? usage(`${args[index - 1]} needs a value`)
    if (args[index] === '--') return { options, verbose, argv: args.slice(index + 1) }
    // npm takes the -- for itself: npm run guest -- sh -c …
    else if (!args[index].startsWith('-')) return { options, verbose, argv: args.slice(index) }
    else if (args[index] === '--timeout') options.timeout = Number(value())
    else if (args[index] === '--memory') options.memory = value()
    else if (args[index] === '--cgroup') {
      options.cgroup = value()
      if (!['v1', 'hybrid', 'v2'].includes(options.cgroup)) usage('--cgroup is v1, hybrid or v2')
    } else if (args[index] === '--append') options.append = value()
    else if (args[index] === '--result') options.result = value()
    else if (args[index] === '-v') verbose = true
    else if (args[index] === '--env') {
      const [, key, text] = /^([^=]+)=(.*)$/s.exec(value()) ?? usage('--env needs KEY=VALUE')
      options.env[key] = text
    } else usage(`unknown option ${args[index]}`)
  }
  return { options, verbose, argv: [] }
}

function usage(problem) {
  process.stderr.write(`guest: ${problem}\nusage: guest run [--timeout SECONDS] [--memory SIZE] [--cgroup v1|hybrid|v2] [--append PARAMETERS] [--env KEY=VALUE]… [--result FILE] [-v] [--] COMMAND…\n`)
  process.exit(125)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (process.argv[2] !== 'run') usage(process.argv[2] ? `unknown command ${process.argv[2]}` : 'a command is missing')
  const { argv, options: { result: file, ...options }, verbose } = parse(process.argv.slice(3))
  if (argv.length === 0) usage('COMMAND is missing after --')
  try {
    const { status, result, reason, console: log } = await run(argv, options)
    if (file) writeFileSync(file, result)
    if (verbose || (reason && log)) process.stderr.write(`${log.replaceAll('\r', '').split('\n').slice(-60).join('\n')}\n`)
    if (reason) process.stderr.write(`guest: ${reason}\n`)
    process.exitCode = status
  } catch (error) {
    process.stderr.write(`guest: ${error.message}\n`)
    process.exitCode = 125
  }
}
