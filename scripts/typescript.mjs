// node --import ./scripts/typescript.mjs FILE.ts: runs a TypeScript file on any Node that we support, through the esbuild
// that is here. Newer ones take types off by themselves, but Node 22 does not know `await using`, which esbuild rewrites.
import * as module from 'node:module'

process.setSourceMapsEnabled(true)
// The new way is in the thread that asks, since Node 22.15; the old one is deprecated since 26.
if (module.registerHooks) module.registerHooks(await import('./typescript-hooks.mjs'))
else module.register('./typescript-hooks.mjs', import.meta.url)
