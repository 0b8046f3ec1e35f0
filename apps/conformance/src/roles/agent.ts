// The name of a server that was given none.

import { createRequest, formatRequest, ResponseParser } from '@ws/handshake'
import { UsageError } from '../usage-error.ts'
import { OPEN_TIMEOUT } from './dial.ts'
import { hostOf, openTransport, pathOf, type Target } from './target.ts'

/**
 * The Server header of the response to a handshake, or the host. Throws a `UsageError` if the
 * server cannot be reached.
 */
export function agentOf(target: Target): Promise<string> {
  const host = hostOf(target)
  const socket = openTransport(target)
  const parser = new ResponseParser()
  return new Promise<string>((resolve, reject) => {
    socket.setTimeout(OPEN_TIMEOUT, () => resolve(host))
    socket.on('error', (error: NodeJS.ErrnoException) =>
      reject(new UsageError(`cannot connect to ${target.url.href}: ${error.message || error.code}`)),
    )
    socket.on('close', () => resolve(host))
    socket.on('data', (chunk: Uint8Array) => {
      const parsed = parser.push(chunk)
      if (parsed === undefined) return
      resolve((parsed.ok && findServer(parsed.head.rawHeaders)) || host)
    })
    socket.write(formatRequest(createRequest({ host, target: pathOf(target), headers: target.headers })))
  }).finally(() => socket.destroy())
}

function findServer(rawHeaders: readonly string[]): string | undefined {
  const at = rawHeaders.findIndex((name, i) => i % 2 === 0 && name.toLowerCase() === 'server')
  return at < 0 ? undefined : rawHeaders[at + 1]
}
