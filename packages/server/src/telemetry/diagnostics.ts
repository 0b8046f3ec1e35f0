// The channels of `node:diagnostics_channel` on which a server can be watched from outside. A
// message is made only for a channel that has subscribers.
//
//   ws:server:handshake     { request, status, reason }  an upgrade request was answered; `reason`
//                                                        is the body of a rejection
//   ws:server:open          { socket }
//   ws:server:close         { socket, report }
//   ws:server:error         { error, socket }            a handler failed; `upgrade` has no socket
//   ws:server:backpressure  { socket, bufferedAmount }   a send reached the high-water mark
//   ws:server:drain         { socket }                   there is room below it again
//   ws:server:receive       { socket, data }             a whole message was received
//   ws:server:send          { socket, data }             a message was accepted for sending
//
// A subscriber that throws does no harm here: Node rethrows its error in the next tick, as an
// uncaught one.

import { type Channel, channel } from 'node:diagnostics_channel'
import type { ConnectionChannels } from '@ws/connection'

export const handshakeChannel: Channel = channel('ws:server:handshake')

/** The channels of connections. */
export const CHANNELS: ConnectionChannels = {
  open: channel('ws:server:open'),
  close: channel('ws:server:close'),
  error: channel('ws:server:error'),
  backpressure: channel('ws:server:backpressure'),
  drain: channel('ws:server:drain'),
  receive: channel('ws:server:receive'),
  send: channel('ws:server:send'),
}
