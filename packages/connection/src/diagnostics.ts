// The channels of `node:diagnostics_channel` that a connection publishes to. Its server or client
// names them. A message is made only for a channel that has subscribers.

import type { Channel } from 'node:diagnostics_channel'

/** One channel for each event. */
export interface ConnectionChannels {
  /** `{ socket }` */
  readonly open: Channel
  /** `{ socket, report }` */
  readonly close: Channel
  /** `{ socket, data }`: a whole message was received. */
  readonly receive: Channel
  /** `{ socket, data }`: a message was accepted for sending; `data` as it was passed to `send`. */
  readonly send: Channel
  /** `{ socket, bufferedAmount }`: a `send` reached the high-water mark. */
  readonly backpressure: Channel
  /** `{ socket }`: there is room below the high-water mark again. */
  readonly drain: Channel
  /** `{ error, socket }`: a handler threw or rejected. */
  readonly error: Channel
}
