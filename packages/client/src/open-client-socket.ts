// The socket on a transport whose opening handshake is over.

import type { Duplex } from 'node:stream'
import { openSocket, type Socket } from '@ws/connection'
import type { OpenAnswer } from './handshake/opening-handshake.ts'
import type { ClientSettings, ClientSocket } from './options/client-options.ts'
import type { OpenedSocket } from './reconnect.ts'
import type { Target } from './target.ts'

/** Opens a socket. Without a handler for messages they wait for a loop, as in a session. */
export function openClientSocket(
  transport: Duplex,
  target: Target,
  { protocol, extension }: OpenAnswer,
  { socketOptions, origin, headers }: ClientSettings,
): OpenedSocket<ClientSocket> {
  const handshake = {
    path: target.path,
    search: target.search,
    origin: origin ?? headers.get('origin') ?? undefined,
    protocol,
    remoteAddress: remoteAddressOf(transport),
  }
  // What was received with the answer, after its head.
  const head: Uint8Array | null = transport.read()
  const options = {
    ...socketOptions,
    handshake,
    ...(head && { head }),
    ...(extension && { extension }),
  }
  const { message, stream, session } = socketOptions
  const isHandled = (message ?? stream ?? session) !== undefined
  if (isHandled) {
    const socket = openSocket('client', transport, options)
    return disposable(socket, isHandled, () => socket.close(1000))
  }
  const { open, ...others } = options
  const finished = Promise.withResolvers<void>()
  const socket = openSocket('client', transport, {
    ...others,
    async session(opened) {
      await open?.(opened)
      await finished.promise
    },
  })
  return disposable(socket, isHandled, finished.resolve)
}

function disposable(
  socket: Socket<undefined>,
  isHandled: boolean,
  finish: () => void,
): OpenedSocket<ClientSocket> {
  const dispose = async (): Promise<void> => {
    finish()
    await socket.closed
  }
  return { socket: Object.assign(socket, { [Symbol.asyncDispose]: dispose }), isHandled, finish }
}

function remoteAddressOf(transport: Duplex): string {
  return 'remoteAddress' in transport && typeof transport.remoteAddress === 'string'
    ? transport.remoteAddress
    : ''
}
