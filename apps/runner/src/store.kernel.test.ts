import { existsSync, mkdirSync, rmSync, watch, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { files } from './state-files.ts'
import { directoryOf, release } from './store.ts'

const name = `store${process.pid}`
const directory = directoryOf(name)
afterEach(() => rmSync(directory, { recursive: true, force: true }))

test('of what is behind a name the state goes last: what is empty is whoever claims the name next', async () => {
  mkdirSync(join(directory, files.root), { recursive: true })
  for (const file of [files.state, files.newState, files.signal]) writeFileSync(join(directory, file), '')
  const order: string[] = []
  const watcher = watch(directory)
  const done = new Promise<void>((resolve) => watcher.on('change', (_event, entry) => { order.push(String(entry)); if (entry === files.state) resolve() }))
  release(name)
  await done
  watcher.close()
  expect([...order].sort()).toEqual(Object.values(files).sort())
  expect(existsSync(directory)).toBe(false)
})
