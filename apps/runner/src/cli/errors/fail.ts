import { errColours, say, writeAll } from '../output.ts'
import { isRefusal, notRoot } from './not-root.ts'
import { jsonReport, printReport } from './print-report.ts'
import { ReportedError, type Report } from './report.ts'
import { UsageError } from './usage-error.ts'

/** Says what went wrong: for people on stderr, with `json` for programs on stdout too. @returns the exit status */
export function fail(error: unknown, { verb, json }: { readonly verb: string; readonly json: boolean }): number {
  const report = reportOf(error, verb)
  say(printReport(report, errColours()))
  try {
    if (json) writeAll(1, jsonReport(report))
  } catch {
    // stdout is gone; the exit status is still ours.
  }
  if (process.env['CTRUN_DEBUG'] && error instanceof Error) say(`${error.stack}\n${error.cause instanceof Error ? error.cause.stack : ''}\n`)
  return report.exit
}

function reportOf(error: unknown, verb: string): Report {
  if (error instanceof ReportedError) return error.report
  if (error instanceof UsageError) return { id: error.id, headline: error.message, causes: [], fix: error.fix, exit: 125, ...(error.from === undefined ? {} : { from: error.from }) }
  const { code, path, message } = error as NodeJS.ErrnoException
  const first = String(message ?? error).split('\n')[0]!
  // A TypeError without a code of ours may be a slip of our own as well as of the user's: CTRUN_DEBUG=1 shows where it was thrown.
  const who = isRefusal(code) ? notRoot() : undefined
  if (who !== undefined) return { id: code!.toLowerCase(), headline: `${verb} needs root`, errno: code!, causes: [{ ...who, text: `${who.text}, and ${path ?? 'this'} is not yours`, checked: true }], fix: ['run it as root of the machine'], exit: 125 }
  return { id: code?.toLowerCase() ?? 'error', headline: `${verb} failed`, ...(code === undefined ? {} : { errno: code }), causes: [], fix: [first, ...(path === undefined || first.includes(path) ? [] : [path])], exit: 125 }
}
