// node --import @ctr/init/subreaper app.js: orphans come to this Node and are reaped, whatever its PID.
import { isMainThread } from 'node:worker_threads'
import { startReaper } from './reaper.ts'

if (isMainThread) startReaper({ subreaper: true })
