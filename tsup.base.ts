import { defineConfig } from 'tsup'

export default defineConfig({ format: 'esm', target: 'node20', platform: 'node', splitting: true, clean: true, silent: true })
