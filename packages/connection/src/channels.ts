// The channels of `node:diagnostics_channel` that connections publish to. A message is made only
// for a channel that has subscribers. The types of messages are in diagnostics.ts.
//
// A subscriber that throws does no harm here: Node rethrows its error in the next tick, as an
// uncaught one.

import { type Channel, channel } from 'node:diagnostics_channel'

/** One channel for each event. */
export const CHANNELS: Readonly<
  Record<'open' | 'close' | 'receive' | 'send' | 'backpressure' | 'drain' | 'error', Channel>
> = {
  open: channel('@ws/connection:open'),
  close: channel('@ws/connection:close'),
  receive: channel('@ws/connection:receive'),
  send: channel('@ws/connection:send'),
  backpressure: channel('@ws/connection:backpressure'),
  drain: channel('@ws/connection:drain'),
  error: channel('@ws/connection:error'),
}
