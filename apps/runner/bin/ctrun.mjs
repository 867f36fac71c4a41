#!/usr/bin/env node
// A committed file, because pnpm links a bin only if it exists at install time, before the build.
import './compile-cache.mjs'

await import('../dist/ctrun.js')
