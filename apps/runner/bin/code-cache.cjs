// Runs a command with the code that V8 made of it before: about half of the time that ctrun-oci takes beyond Node's own. Node's own cache
// (module.enableCompileCache) holds the code from before the first call: none of the functions that are compiled when they are called.
const { closeSync, fstatSync, mkdirSync, openSync, readdirSync, readFileSync, readSync, renameSync, rmSync, statSync, writeFileSync } = require('node:fs')
const { basename, dirname, join } = require('node:path')
const { Script } = require('node:vm')

/** In front of the code, what it is of. V8 itself compares its version, its flags and the length of the source. Aligned, or V8 would copy the code. */
const headerBytes = 128

/** How much is kept. A command has less than 1 MB, one installation on one Node has 6: what was not used for longest goes for what is new. */
const mostBytes = 32 * 2 ** 20

/** Nothing, where there is none that nobody else can write to: whoever can hands the next one to start us, root, code to run. Hence not /tmp. */
exports.cacheDirectory = () => {
  const uid = process.geteuid?.()
  const runtime = uid === 0 ? '/run' : process.env.XDG_RUNTIME_DIR
  if (!runtime) return undefined
  const directory = join(runtime, 'ctrun-cache')
  const found = statSync(directory, { throwIfNoEntry: false }) ?? made(directory)
  return found?.isDirectory() && found.uid === uid && (found.mode & 0o077) === 0 ? directory : undefined
}

function made(directory) {
  try {
    mkdirSync(directory, { mode: 0o700 })
    return statSync(directory)
  } catch {
    // It cannot be, or another has just made it: next time.
    return undefined
  }
}

const loaded = new Map()

/** What Node has loaded before it comes to us. Of node:module, all but source maps. */
const alwaysLoaded = { fs: require('node:fs'), path: require('node:path'), module: module.constructor }

/** A module of Node that is loaded when something of it is wanted: most commands use few, and node:crypto alone takes 12 ms. */
const atFirstUse = (id) => new Proxy({}, {
  get: (_, name) => require(id)[name],
  // What `await import` has become copies its members.
  ownKeys: () => Reflect.ownKeys(require(id)),
  getOwnPropertyDescriptor: (_, name) => ({ value: require(id)[name], configurable: true, enumerable: true }),
})

/** As pathToFileURL, which would make a URL first. */
const urlOf = (file) => `file://${file.split('/').map(encodeURIComponent).join('/')}`

/**
 * Runs a CommonJS file. Those that it requires by a path of their own are run the same way.
 *
 * @param {string} file absolute, in ASCII
 * @param {string | undefined} directory where code is kept
 * @param {readonly string[]} commands words on the command line that call for other functions of the file: the code for each is kept by itself
 */
exports.run = function run(file, directory, commands) {
  const known = loaded.get(file)
  if (known) return known.exports
  const { text, dev, ino, size, ctimeMs } = read(file)
  const cache = directory && join(directory, [basename(file), ino, process.version + flags(), process.argv.find((word) => commands.includes(word))].join('-'))
  // ctime, because packages are unpacked with the same mtime in every version.
  const header = Buffer.alloc(headerBytes, `${file} ${dev} ${size} ${ctimeMs} `.slice(-headerBytes))
  const cachedData = cache && kept(cache, header)
  const script = new Script(text, { filename: file, cachedData })
  // As late as possible: what has been called by then is in it.
  if (cache && (!cachedData || script.cachedDataRejected)) process.on('exit', () => {
    // Of many that begin at once one writes.
    if (cachedData || !kept(cache, header)) keep(cache, header, script.createCachedData())
  })
  const module = { exports: {} }
  loaded.set(file, module)
  const requireBeside = (id) => (id.startsWith('./') ? run(join(dirname(file), id), directory, commands) : alwaysLoaded[id] ?? atFirstUse(id))
  script.runInThisContext()(module.exports, requireBeside, module, file, urlOf(file))
  return module.exports
}

/** Code is good for the flags that V8 had when it was made: with others it is another file, or each would write over what the last has. */
function flags() {
  const text = [...process.execArgv, process.env.NODE_OPTIONS ?? ''].join(' ').trim()
  if (text === '') return ''
  // FNV-1a: node:crypto takes longer than all of this.
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return `+${(hash >>> 0).toString(16)}`
}

const before = '(function (exports, require, module, __filename, moduleUrl) {'
const after = '\n})'

/** The text of a file, as a function, in one piece: V8 would make another of two, and collect garbage for it. */
function read(file) {
  const descriptor = openSync(file, 'r')
  try {
    const { dev, ino, size, ctimeMs } = fstatSync(descriptor)
    const bytes = Buffer.allocUnsafeSlow(before.length + size + after.length)
    bytes.write(before, 'latin1')
    for (let done = 0; done < size; ) {
      const length = readSync(descriptor, bytes, before.length + done, size - done, done)
      if (length === 0) throw new Error(`${file} became shorter while it was read`)
      done += length
    }
    bytes.write(after, before.length + size, 'latin1')
    return { text: bytes.latin1Slice(), dev, ino, size, ctimeMs }
  } finally {
    closeSync(descriptor)
  }
}

function kept(cache, header) {
  try {
    const bytes = readFileSync(cache)
    return header.equals(bytes.subarray(0, headerBytes)) ? bytes.subarray(headerBytes) : undefined
  } catch {
    return undefined
  }
}

/** Whole or not at all: V8 believes what is in it. */
function keep(cache, header, code) {
  // Not by the pid alone: containers that have our /run have PIDs of their own.
  const draft = `${cache}.${process.pid}.${process.hrtime.bigint()}`
  try {
    makeRoom(dirname(cache), headerBytes + code.length)
    writeFileSync(draft, Buffer.concat([header, code]), { mode: 0o600, flag: 'wx' })
    renameSync(draft, cache)
  } catch {
    // There is no room: the next one compiles again.
    rmSync(draft, { force: true })
  }
}

/** Code of other versions, Nodes and installations lies in memory that nobody else gives back. Others may do the same meanwhile: what is read stays open. */
function makeRoom(directory, bytes) {
  const files = readdirSync(directory).flatMap((name) => {
    const stat = statSync(join(directory, name), { throwIfNoEntry: false })
    // When it was read last is known to the day (mount(8), relatime).
    return stat?.isFile() ? [{ path: join(directory, name), size: stat.size, used: Math.max(stat.atimeMs, stat.mtimeMs), isDraft: /\.\d+\.\d+$/.test(name) }] : []
  })
  let left = mostBytes - bytes
  for (const { path, size, used, isDraft } of files.sort((a, b) => b.used - a.used)) {
    left -= size
    // Who was killed while it wrote has left a draft; writing one takes milliseconds.
    if (isDraft ? Date.now() - used > 60_000 : left < 0) rmSync(path, { force: true })
  }
}
