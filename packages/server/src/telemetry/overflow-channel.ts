// The channel of `node:diagnostics_channel` for budgets that are exceeded.

import { type Channel, channel } from 'node:diagnostics_channel'

/** Sockets were closed because of `maxTotalBuffered`. The type of messages is in `ServerEvents`. */
export const overflowChannel: Channel = channel('@ws/server:overflow')
