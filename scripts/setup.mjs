// Makes a fresh clone usable: pinned pnpm through npx, locked install, build. Needs Node and npm, nothing else.
// When nothing is to do it says so within milliseconds: the stamp is compared with file sizes and times, no file but
// the manifests is read.
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { constants } from 'node:os'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '')
const stampFile = `${root}/node_modules/.ctr-setup`

/** Why this machine cannot run the project, in one sentence, or undefined. */
export function unsupported(platform = process.platform, version = process.versions.node) {
  if (platform !== 'linux') return `Containers are made by the Linux kernel, and this is ${platform}: run this on Linux.`
  const [major, minor] = version.split('.').map(Number)
  if (major < 20 || (major === 20 && minor < 19)) return `Node ${version} is too old: version 20.19 or newer is needed.`
  return undefined
}

const workspaces = () =>
  ['packages', 'apps'].flatMap((parent) =>
    readdirSync(`${root}/${parent}`)
      .map((name) => `${parent}/${name}`)
      .filter((path) => existsSync(`${root}/${path}/package.json`)),
  )

/** What `pnpm install` depends on: the text of the lock file and of every manifest. */
function installKey(paths) {
  const hash = createHash('sha256').update(process.arch)
  for (const file of ['pnpm-lock.yaml', 'pnpm-workspace.yaml', 'package.json', ...paths.map((path) => `${path}/package.json`)]) {
    hash.update(file).update(readFileSync(`${root}/${file}`))
  }
  return hash.digest('hex')
}

/** What the build depends on: the size and time of every source (turbo looks at the contents, when one has changed). */
function buildKey(paths) {
  const hash = createHash('sha256')
  const add = (file) => {
    const stat = statSync(`${root}/${file}`, { throwIfNoEntry: false })
    hash.update(stat ? `${file} ${stat.size} ${stat.mtimeMs}\n` : `${file} -\n`)
  }
  const walk = (dir) => {
    if (!existsSync(`${root}/${dir}`)) return
    for (const entry of readdirSync(`${root}/${dir}`, { withFileTypes: true })) {
      if (entry.isDirectory()) walk(`${dir}/${entry.name}`)
      else if (!entry.name.endsWith('.test.ts')) add(`${dir}/${entry.name}`)
    }
  }
  for (const file of ['turbo.json', 'tsconfig.base.json', 'tsup.base.ts']) add(file)
  for (const path of paths) {
    add(`${path}/tsup.config.ts`)
    add(`${path}/tsconfig.build.json`)
    walk(`${path}/src`)
  }
  return hash.digest('hex')
}

function readStamp() {
  try {
    return JSON.parse(readFileSync(stampFile, 'utf8'))
  } catch {
    return {}
  }
}

/**
 * What was built is gone: turbo puts what it has kept beside what is there, and then keeps both, so that files of another branch would never go.
 *
 * @param install the key of what is installed, all that is true from here on until it is built again
 */
export function removeBuilt(paths, install, { at = root, stamp = stampFile } = {}) {
  writeFileSync(stamp, JSON.stringify({ install }))
  for (const path of paths) rmSync(`${at}/${path}/dist`, { recursive: true, force: true })
}

/** Progress on stderr: one line that is drawn again on a terminal, a line for each step otherwise. */
function progress() {
  const tty = process.stderr.isTTY && process.env.TERM !== 'dumb'
  let timer
  const clear = () => {
    clearInterval(timer)
    if (tty) process.stderr.write('\r\x1b[K')
  }
  return {
    step(text) {
      clear()
      if (!tty) return void process.stderr.write(`setup: ${text}\n`)
      const start = Date.now()
      const draw = () => process.stderr.write(`\r\x1b[Ksetup: ${text} ${Math.round((Date.now() - start) / 1000)} s`)
      draw()
      timer = setInterval(draw, 1000)
    },
    clear,
  }
}

/** Runs a tool with its output held back: it is shown only when the tool fails. */
async function quietly(command, args, env = {}) {
  const { spawn } = await import('node:child_process')
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: root,
      // npm run puts its loglevel into the environment; here its errors are wanted.
      env: { ...process.env, npm_config_loglevel: 'error', CI: 'true', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk))
    let interrupted
    const forward = (signal) => child.kill((interrupted = signal))
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, forward)
    const done = () => {
      for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.off(signal, forward)
    }
    child.on('error', (error) => (done(), reject(Object.assign(error, { output }))))
    child.on('close', (code, ending) => {
      done()
      const signal = interrupted ?? ending
      if (code === 0) resolve()
      else reject(Object.assign(new Error(signal ? `${command} was ended by ${signal}` : `${command} exited with ${code}`), { output, signal }))
    })
  })
}

/** One set-up at a time. The lock is an abstract socket: the kernel frees it when its holder dies, however that happens. */
async function lock(onWait) {
  const { createServer, connect } = await import('node:net')
  const name = `\0ctr-setup-${createHash('sha256').update(root).digest('hex').slice(0, 32)}`
  for (;;) {
    const waiting = new Set()
    const server = createServer((socket) => waiting.add(socket.on('error', () => {})))
    const held = await new Promise((resolve, reject) => {
      server.once('error', (error) => (error.code === 'EADDRINUSE' ? resolve(false) : reject(error)))
      server.listen(name, () => resolve(true))
    })
    if (held) {
      server.unref()
      return () => {
        server.close()
        for (const socket of waiting) socket.destroy()
      }
    }
    onWait()
    // The connection ends with the other set-up.
    await new Promise((resolve) => {
      const socket = connect(name)
      socket.on('error', resolve)
      socket.on('close', resolve)
    })
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

const sentences = {
  install: 'The dependencies could not be installed: is the npm registry reachable, and is there room on the disk?',
  build: 'The build failed: the message above names the file.',
}

/**
 * Installs and builds what is missing.
 *
 * @returns true when there was something to do
 * @throws an Error whose message is for the user, the tool's output first
 */
export async function setup() {
  const reason = unsupported()
  if (reason) throw new Error(reason)
  const current = () => {
    const paths = workspaces()
    return { install: installKey(paths), build: buildKey(paths), built: paths.every((path) => existsSync(`${root}/${path}/dist`)) }
  }
  const fresh = () => {
    const stamp = readStamp()
    const now = current()
    return stamp.install === now.install && stamp.build === now.build && now.built
  }
  if (fresh()) return false

  const show = progress()
  let unlock
  let step = 'install'
  try {
    let waits = 0
    unlock = await lock(() => waits++ || show.step('waiting for another set-up to finish'))
    if (fresh()) return false
    mkdirSync(`${root}/node_modules`, { recursive: true })
    const manifest = JSON.parse(readFileSync(`${root}/package.json`, 'utf8'))
    const pnpm = manifest.packageManager.split('+')[0]
    const before = current()
    if (readStamp().install !== before.install) {
      show.step(`installing dependencies with ${pnpm}`)
      await quietly('npx', ['--yes', pnpm, 'install', '--frozen-lockfile'])
    }
    step = 'build'
    show.step('building the packages')
    removeBuilt(workspaces(), before.install)
    // Inside pnpm exec: turbo looks for the package manager on PATH.
    const turbo = ['turbo', 'run', 'build', '--output-logs=errors-only', '--log-prefix=none']
    await quietly('npx', ['--yes', pnpm, 'exec', ...turbo], { TURBO_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1' })
    // The keys from before the build: a file that was edited meanwhile is built again next time.
    writeFileSync(stampFile, JSON.stringify({ install: before.install, build: before.build }))
    return true
  } catch (error) {
    show.clear()
    if (error.signal) throw Object.assign(new Error(`setup: interrupted by ${error.signal}; what is done so far is kept.`), { signal: error.signal })
    throw new Error([error.output?.trim(), `setup: ${step} failed (${error.message}). ${sentences[step]}`].filter(Boolean).join('\n'))
  } finally {
    show.clear()
    unlock?.()
  }
}

/** For scripts: sets up, or prints why not and exits with `code`. */
export async function setupOrExit(code = 1) {
  try {
    return await setup()
  } catch (error) {
    process.stderr.write(`${error.message}\n`)
    process.exit(error.signal ? 128 + constants.signals[error.signal] : code)
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await setupOrExit()
