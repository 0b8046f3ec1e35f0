// The channel of `node:diagnostics_channel` for upgrade requests. Those of connections are the
// channels of `@ws/connection`.

import { type Channel, channel } from 'node:diagnostics_channel'

/** An upgrade request was answered. The type of messages is in `ServerEvents`. */
export const handshakeChannel: Channel = channel('@ws/server:handshake')
