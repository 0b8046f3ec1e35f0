// The channels of `node:diagnostics_channel` on which a server can be watched from outside. A message is only made when somebody
// listens.
//
//   ws:server:handshake     { request, status }          an upgrade request was answered
//   ws:server:open          { socket }
//   ws:server:close         { socket, report }
//   ws:server:error         { error, socket }            a handler failed; that of an upgrade has no socket
//   ws:server:backpressure  { socket, bufferedAmount }   a send went above the high-water mark
//   ws:server:drain         { socket }                   what it had to wait for has left
//   ws:server:receive       { socket, data }             a whole message came
//   ws:server:send          { socket, data }             a message was accepted for sending; data is as it was given, prepared too
//
// A listener that throws does no harm here: Node throws its error again in the next tick, as an uncaught one.

import { type Channel, channel } from 'node:diagnostics_channel'

export const handshakeChannel: Channel = channel('ws:server:handshake')
export const openChannel: Channel = channel('ws:server:open')
export const closeChannel: Channel = channel('ws:server:close')
export const errorChannel: Channel = channel('ws:server:error')
export const backpressureChannel: Channel = channel('ws:server:backpressure')
export const drainChannel: Channel = channel('ws:server:drain')
export const receiveChannel: Channel = channel('ws:server:receive')
export const sendChannel: Channel = channel('ws:server:send')
