import { defineConfig, type Options } from 'tsup'
import base from '../../tsup.base.ts'

const common = { format: 'esm', target: 'node20', platform: 'node', silent: true } as const

export default defineConfig([
  { ...(typeof base === 'object' && !Array.isArray(base) ? base : {}), entry: ['src/index.ts'], clean: false },
  // Commands are one file each, the packages in it: engines start them for every little thing, and each file that Node has to find takes its time.
  ...Object.entries({ ctrun: 'src/cli.ts', 'ctrun-oci': 'src/oci-cli.ts' }).map(([name, source]): Options => ({
    ...common, entry: { [name]: source }, splitting: false, clean: false, noExternal: [/^@ctr\//],
    esbuildOptions: (options) => { Object.assign(options, { conditions: ['@ctr/source'], minifySyntax: true, minifyWhitespace: true }) },
  })),
])
