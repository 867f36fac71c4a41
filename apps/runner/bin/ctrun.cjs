#!/usr/bin/env node
// A committed file, because pnpm links a bin only if it exists at install time, before the build.
const { cacheDirectory, run } = require('./code-cache.cjs')

run(require.resolve('../dist/ctrun.cjs'), cacheDirectory(), ['run', 'exec', 'ps', 'inspect', 'stop', 'rm'])
