#!/usr/bin/env node
// A committed file, because pnpm links a bin only if it exists at install time, before the build.
const { cacheDirectory, run } = require('./code-cache.cjs')

run(require.resolve('../dist/ctrun-oci.cjs'), cacheDirectory(), ['create', 'start', 'run', 'state', 'kill', 'delete', 'exec'])
