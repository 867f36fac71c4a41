// node --import @ctr/init/register app.js: as PID 1, Node reaps orphans and is ended by signals. Elsewhere, as in the
// processes that inherit NODE_OPTIONS, and in Workers, nothing is done.
import { isMainThread } from 'node:worker_threads'
import { startReaper } from './reaper.ts'

if (isMainThread && process.pid === 1) startReaper()
