/** Why something failed, in the user's words. `checked` is true only where a probe has seen it. */
export interface Cause {
  readonly text: string
  readonly checked: boolean
  /** What was looked at. */
  readonly probe?: string
}

/** One failure, from which both the text and the JSON are made. */
export interface Report {
  /** Stable, for programs: `execve-enoent`. */
  readonly id: string
  /** What failed, in one clause: `run failed at step 6/9`. */
  readonly headline: string
  readonly step?: { readonly index: number; readonly of: number; readonly sys: string; readonly args: readonly unknown[]; readonly why: string; readonly text: string }
  readonly errno?: string
  readonly causes: readonly Cause[]
  /** What to do, a line each. */
  readonly fix: readonly string[]
  /** The flag or operand that brought the step about. */
  readonly from?: string
  /** How many steps had been made and were undone. */
  readonly undone?: number
  /** Paths that remain; undefined where nothing had been begun. */
  readonly leftovers?: readonly string[]
  readonly exit: number
}

/** An error that has been made into a report already. */
export class ReportedError extends Error {
  readonly report: Report
  constructor(report: Report, cause: unknown) {
    super(report.headline, { cause })
    this.name = 'ReportedError'
    this.report = report
  }
}

/** Nothing was tried: what a container is made of needs a privilege from the first call on. */
export function needsRoot(): Report {
  return {
    id: 'needs-root', headline: 'run needs root: namespaces, mounts and cgroups are the administrator\'s', causes: [{ text: `you are uid ${process.geteuid?.()} without CAP_SYS_ADMIN`, checked: true, probe: '/proc/self/status' }],
    fix: ['run it as root, or look at it with ctrun explain'], exit: 125,
  }
}
