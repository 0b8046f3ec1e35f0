// The channel of `node:diagnostics_channel` for attempts to connect. Those of connections are the
// channels of `@ws/connection`.

import { type Channel, channel } from 'node:diagnostics_channel'

/** An attempt to connect has ended. The type of messages is in `ClientEvents`. */
export const handshakeChannel: Channel = channel('@ws/client:handshake')
