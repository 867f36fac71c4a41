#!/usr/bin/env node
// A committed file, because pnpm links a bin only if it exists at install time, before the build.
const { join } = require('node:path')
const { cacheDirectory, run } = require('./code-cache.cjs')

const making = ['create', 'exec', 'run']
const frequent = ['delete', 'kill', 'start', 'state']
const commands = [...making, ...frequent]
// Either file finds what it does not have in another. This may be a word that is not the command: then it takes longer.
if (making.includes(process.argv.find((word) => commands.includes(word)))) run(join(__dirname, '../dist/ctrun-oci-making.cjs'), cacheDirectory(), commands).making(process.argv.slice(2))
else run(join(__dirname, '../dist/ctrun-oci.cjs'), cacheDirectory(), commands)
