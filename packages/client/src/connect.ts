// Opens a WebSocket to a server.

import type { Message } from '@ws/protocol'
import { open } from './open.ts'
import { type ClientSocket, type ConnectOptions, resolveClientOptions } from './options/client-options.ts'
import { parseTarget } from './target.ts'

/**
 * Opens a WebSocket to a `ws:`, `wss:`, `http:`, `https:` or `ws+unix:` URL. Credentials in the URL
 * become Basic authentication. Without a handler for messages the socket is read by one
 * `for await` loop; what arrives before it waits, and holds the server back above 64 KiB.
 *
 * Rejects with a `ConnectError` if the server cannot be reached, with a `HandshakeError` if it does
 * not open a WebSocket, with the reason of the `signal`, and with a `TypeError` or a `RangeError`
 * for wrong options.
 */
export async function connect<Value = Message>(
  url: string | URL,
  options: ConnectOptions<Value> = {} as never,
): Promise<ClientSocket> {
  const settings = resolveClientOptions(options as unknown as ConnectOptions)
  const { socket } = await open(parseTarget(url), settings)
  return socket
}
