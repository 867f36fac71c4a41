/** What engines are told. Their exit statuses come from words of the message, so it is runc's wording where they look for one. */
export class OciError extends Error {
  readonly code: string
  constructor(message: string, { code = 'EOCI', cause }: { readonly code?: string; readonly cause?: unknown } = {}) {
    super(message, cause === undefined ? {} : { cause })
    this.name = 'OciError'
    this.code = code
  }
}
