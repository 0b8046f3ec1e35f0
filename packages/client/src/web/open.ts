// Opens one socket over the platform's `WebSocket`.

import { ConnectError } from '../errors.ts'
import type { OpenedSocket } from '../reconnect.ts'
import { WebClientSocket } from './web-client-socket.ts'
import type { ClientSocket, ConnectOptions } from './web-options.ts'

const HANDSHAKE_TIMEOUT = 10_000

/** Opens a socket. Rejects with a `ConnectError`, or the reason of the signal. */
export async function open(url: URL, options: ConnectOptions): Promise<OpenedSocket<ClientSocket>> {
  const { protocols = [], signal, handshakeTimeout = HANDSHAKE_TIMEOUT } = options
  signal?.throwIfAborted()
  const webSocket = new WebSocket(url.href, typeof protocols === 'string' ? protocols : [...protocols])
  const opened = Promise.withResolvers<OpenedSocket<ClientSocket>>()
  const fail = (code: string, message: string): void => opened.reject(new ConnectError(message, { code }))
  const onAbort = (): void => opened.reject(signal!.reason)
  const timer = setTimeout(
    () => fail('ERR_WS_HANDSHAKE_TIMEOUT', `the connection was not open within ${handshakeTimeout} ms`),
    handshakeTimeout,
  )
  signal?.addEventListener('abort', onAbort)
  // A page is not told why: not reached, not trusted, or rejected.
  webSocket.onclose = webSocket.onerror = () =>
    fail('ERR_WS_CONNECT', `cannot connect to ${url.protocol}//${url.host}`)
  webSocket.onopen = () => {
    // In this very event, so that no message is missed.
    webSocket.onerror = null
    const socket = new WebClientSocket(webSocket, url, options)
    opened.resolve({ socket, isHandled: socket.isHandled, finish: () => socket.finish() })
  }
  try {
    return await opened.promise
  } catch (error) {
    webSocket.onopen = webSocket.onclose = webSocket.onerror = null
    // Node reports a connection that is closed before it is open as an error of it.
    webSocket.onerror = () => {}
    webSocket.close()
    throw error
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', onAbort)
  }
}
