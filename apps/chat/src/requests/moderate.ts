// mod: moderation by owners and admins. The log has an entry of it; each room acts on the entries
// that it receives.

import { makeId } from '../accounts/token.ts'
import type { Client } from '../connections/client.ts'
import type { Hub } from '../hub/hub.ts'
import type { Author, Draft, EntryData } from '../log/entry.ts'
import { checkModeration, entranceGuard } from '../policy/permissions.ts'
import { RequestError } from '../policy/request-error.ts'
import type { ModerateRequest } from '../wire/messages.ts'
import type { Handled } from './handled.ts'

export async function moderate(request: ModerateRequest, client: Client, hub: Hub): Promise<Handled<'mod'>> {
  checkModeration(client.in(request.room).state, client.user!, undefined)
  client.spendWrite()
  const target = await findTarget(request, hub)
  // The user may have left the room.
  const room = client.in(request.room)
  const user = client.user!
  checkModeration(room.state, user, target)
  const guard = entranceGuard(room.name, user)
  hub.check(guard)
  const data = dataOf(request, target)
  const { id, nick } = user
  const draft: Draft = { kind: 'mod', data, cid: makeId(), user: { id, nick } }
  const { entry } = await hub.publish(room.name, draft, guard)
  if (data.address) await hub.addressBans.ban(room.name, target!.id, data.secs)
  else if (data.op === 'unban') await hub.addressBans.lift(room.name, target!.id)
  hub.log('info', 'moderated', { room: room.name, op: data.op, user: id, target: target?.id })
  return { reply: { seq: entry.seq, epoch: entry.epoch } }
}

async function findTarget({ op, user }: ModerateRequest, hub: Hub): Promise<Author | undefined> {
  if (user === undefined || op === 'lock' || op === 'slow') return undefined
  const account = await hub.ask(hub.engine.accounts.byId(user))
  if (account === undefined) throw new RequestError('not_found', 'there is no user with this id')
  return { id: account.id, nick: account.nick }
}

/** Only the fields that belong to the operation. */
function dataOf({ op, secs, on, why, address }: ModerateRequest, user: Author | undefined): EntryData['mod'] {
  const timed = (op === 'ban' || op === 'mute' || op === 'slow') && secs !== undefined
  return {
    op,
    ...(user && { user }),
    ...(timed && { secs }),
    ...(op === 'ban' && address && { address }),
    ...(op === 'lock' && { on: on ?? true }),
    ...(why !== undefined && { why }),
  }
}
