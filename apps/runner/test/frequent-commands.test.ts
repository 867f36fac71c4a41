import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { expect, test } from 'vitest'

const root = fileURLToPath(new URL('../../..', import.meta.url))

// One import too many, and each state takes half as long again: nothing else would show it.
test('what engines run most takes little with it', async () => {
  const { metafile } = await build({
    absWorkingDir: root, entryPoints: ['apps/runner/src/oci-cli.ts'], outfile: 'frequent.cjs', bundle: true, write: false, metafile: true, format: 'cjs', platform: 'node', target: 'node20',
    external: ['koffi'], conditions: ['@ctr/source'], minifySyntax: true, minifyWhitespace: true, logLevel: 'error', define: { 'import.meta.url': 'moduleUrl' },
    plugins: [{ name: 'beside', setup: (each) => { each.onResolve({ filter: /\/(making|rest)\.ts$/ }, ({ kind, path }) => (kind === 'dynamic-import' ? { path, external: true } : undefined)) } }],
  })
  const { bytes, imports, inputs } = metafile.outputs['frequent.cjs']!
  const there = Object.entries(inputs).filter(([, { bytesInOutput }]) => bytesInOutput > 0).map(([path]) => path)
  expect(there.filter((path) => /^packages\/(launch|elf|seccomp|rootfs|caps|ns|init)\/|\/config\/.*-shape\.ts$|\/(perform|koffi|abi)\.ts$/.test(path))).toEqual([])
  // With room for what is to come: 62 KB now.
  expect(bytes).toBeLessThan(80_000)
  // node:fs/promises takes longer than all else, and so do node:crypto, node:child_process and node:worker_threads.
  expect(imports.map(({ path }) => path).filter((path) => path.startsWith('node:')).every((path) => ['node:fs', 'node:path', 'node:timers/promises'].includes(path))).toBe(true)
  expect(imports.map(({ path }) => path)).toContain('node:fs')
})
