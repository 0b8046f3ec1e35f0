// read and typing: notifications, which have no reply. Errors are ignored.

import type { Client } from '../connections/client.ts'
import type { Hub } from '../hub/hub.ts'
import { entranceGuard, writingGuard } from '../policy/permissions.ts'
import type { RoomSignal } from '../rooms/room-signal.ts'
import type { Notification, ReadNotification, TypingNotification } from '../wire/messages.ts'

/** From a connection that is in the room; others are ignored. */
export async function notify(message: Notification, client: Client, hub: Hub): Promise<void> {
  if (!client.rooms.has(message.room)) return
  if (message.t === 'read') await read(message, client, hub)
  else type(message, client, hub)
}

async function read({ room: name, seq }: ReadNotification, client: Client, hub: Hub): Promise<void> {
  const { id } = client.user!
  const upTo = Math.min(seq, client.in(name).head.seq)
  hub.check(entranceGuard(name, client.user!))
  if (!(await hub.ask(hub.engine.accounts.read(id, name, upTo)))) return
  const signal: RoomSignal = { t: 'read', user: id, seq: upTo, conn: client.id }
  hub.engine.signal(name, signal)
}

function type({ room: name, on }: TypingNotification, client: Client, hub: Hub): void {
  const room = client.in(name)
  const { id, nick } = client.user!
  hub.check(writingGuard(room, client.user!, 'msg'))
  if (!room.typing.isNews(id, on, performance.now())) return
  const signal: RoomSignal = { t: 'typing', user: { id, nick }, on }
  hub.engine.signal(name, signal)
}
