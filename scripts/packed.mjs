// What a packed package consists of, judged by its files: nothing of an earlier build, and nothing that is for tests.

const tests = /\.test\.|(^|\/)(__snapshots__|fixtures|test)\//

/** The packed files that a text names: `'./chunk-ABC.js'`, in an import, an export or a URL. */
const named = (from, text) =>
  [...text.matchAll(/["'`](\.{1,2}\/[^"'`\s]+\.[cm]?js)["'`]/g)].map(([, path]) => new URL(path, `file:///${from}`).pathname.slice(1))

/** Every script that what is exported or executed leads to. */
function reached(manifest, files) {
  const entries = [...Object.values(manifest.exports ?? {}).map((entry) => entry.default ?? entry), ...Object.values(manifest.bin ?? {})]
  const waiting = entries.map((entry) => entry.slice(2))
  const found = new Set()
  for (let file; (file = waiting.pop()) !== undefined; ) {
    if (found.has(file) || !files.has(file)) continue
    found.add(file)
    waiting.push(...named(file, files.get(file)))
  }
  return found
}

/**
 * @param {Map<string, string>} files path in the package → text
 * @returns {string[]} one sentence each
 */
export function complaints(files) {
  const scripts = reached(JSON.parse(files.get('package.json')), files)
  const source = (declaration) => declaration.replace(/^dist\//, 'src/').replace(/\.d\.ts$/, '.ts')
  return [...files.keys()].sort().flatMap((file) => {
    if (tests.test(file)) return [`${file} is for tests`]
    if (/^dist\/.*\.c?js$/.test(file) && !scripts.has(file)) return [`${file} is of an earlier build: nothing leads to it`]
    if (/^dist\/.*\.d\.ts$/.test(file) && !files.has(source(file))) return [`${file} is of an earlier build: ${source(file)} is not there`]
    return []
  })
}
