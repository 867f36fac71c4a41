// gRPC over a socket, as much of it as a call with one request and one answer takes.
// @see https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md
import { connect as connectSocket } from 'node:net'
import { connect } from 'node:http2'

/** What the other side refused, with its number: 4 is that the deadline has passed, 5 that there is no such thing. */
export class GrpcError extends Error {
  constructor(code, message) {
    super(message)
    this.code = code
  }
}

export class GrpcClient {
  #session

  /** @param {string} path of the socket */
  constructor(path) {
    this.#session = connect('http://localhost', { createConnection: () => connectSocket(path) })
    // Each call says what went wrong.
    this.#session.on('error', () => {})
  }

  /** @param {string} method /package.Service/Method @param {Buffer} request @returns {Promise<Buffer>} */
  call(method, request, { timeout = 60_000 } = {}) {
    return new Promise((resolve, reject) => {
      const stream = this.#session.request({ ':method': 'POST', ':path': method, 'content-type': 'application/grpc', te: 'trailers' })
      const late = setTimeout(() => {
        stream.close()
        reject(new GrpcError(4, `${method} has not answered after ${timeout / 1000} s`))
      }, timeout)
      const chunks = []
      let status
      // A refusal without an answer has its status in the headers.
      stream.on('response', (headers) => { status ??= headers['grpc-status'] === undefined ? undefined : headers })
      stream.on('trailers', (trailers) => { status = trailers })
      stream.on('data', (chunk) => chunks.push(chunk))
      stream.on('error', reject)
      stream.on('close', () => {
        clearTimeout(late)
        if (status === undefined) return reject(new GrpcError(14, `${method} has ended without a status`))
        const code = Number(status['grpc-status'])
        if (code !== 0) return reject(new GrpcError(code, decodeURIComponent(status['grpc-message'] ?? '')))
        // One byte says whether it is compressed, four how long it is.
        resolve(Buffer.concat(chunks).subarray(5))
      })
      const head = Buffer.alloc(5)
      head.writeUInt32BE(request.length, 1)
      stream.end(Buffer.concat([head, request]))
    })
  }

  close() {
    this.#session.destroy()
  }
}
