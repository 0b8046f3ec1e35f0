// send, edit, del, react and topic: requests that add an entry to the log. The next request is
// handled while this one is being stored, in order; the reply follows when it is stored.

import type { Client } from '../connections/client.ts'
import type { Hub } from '../hub/hub.ts'
import type { Author, Entry, EntryContent } from '../log/entry.ts'
import { isSameEmoji } from '../log/fold.ts'
import type { Guard } from '../log/room-state.ts'
import { isModerator, writingGuard } from '../policy/permissions.ts'
import { RequestError } from '../policy/request-error.ts'
import type { Sent } from '../rooms/recent-writes.ts'
import type { Room } from '../rooms/room.ts'
import { readEmoji } from '../text/emoji.ts'
import type {
  DeleteRequest,
  EditRequest,
  ReactRequest,
  Replies,
  SendRequest,
  TopicRequest,
  User,
} from '../wire/messages.ts'
import type { Handled } from './handled.ts'
import { keepWriter } from './sessions.ts'

type WriteRequest = SendRequest | EditRequest | DeleteRequest | ReactRequest | TopicRequest

export async function write<R extends WriteRequest>(
  request: R,
  client: Client,
  hub: Hub,
): Promise<Handled<R['t']>> {
  const { cid } = request
  const room = client.in(request.room)
  const user = client.user!
  const stored = room.recent.find(user.id, cid)
  if (stored !== undefined) return { reply: replyOf(cid, stored, true) }
  client.spendWrite()
  const content = await contentOf(request, room, user, hub)
  const guard = checkWriting(request.room, content, client, hub)
  if (content.kind === 'msg') checkPace(room, user, cid, hub.now())
  const reply = client.send(async () => {
    const stored = await store(hub, room, content, cid, user, guard)
    keepWriter(client, hub)
    return stored
  })
  return { reply }
}

/**
 * The permissions may have changed while the store was asked. Returns the guard that the store
 * checks again.
 */
function checkWriting(name: string, { kind }: EntryContent, client: Client, hub: Hub): Guard {
  const guard = writingGuard(client.in(name), client.user!, kind)
  hub.check(guard)
  return guard
}

async function store(
  hub: Hub,
  room: Room,
  content: EntryContent,
  cid: string,
  { id, nick }: Author,
  guard: Guard,
): Promise<Replies['send']> {
  const { entry, dup } = await hub.publish(room.name, { ...content, cid, user: { id, nick } }, guard)
  return replyOf(cid, entry, dup)
}

/** All kinds of writes get the reply of a send; the client knows the kind by the id. */
function replyOf(cid: string, { seq, epoch, ts }: Sent, dup: boolean): Replies['send'] {
  return { cid, seq, epoch, ts, ...(dup && { dup }) }
}

async function contentOf(request: WriteRequest, room: Room, user: User, hub: Hub): Promise<EntryContent> {
  switch (request.t) {
    case 'send': {
      const { body, as, reply } = request
      if (reply !== undefined) await findMessage(room, reply, hub)
      return { kind: 'msg', data: { body, ...(as && { as }), ...(reply !== undefined && { reply }) } }
    }
    case 'edit': {
      const { seq, body } = request
      const message = await findMessage(room, seq, hub)
      if (message.user.id !== user.id)
        throw new RequestError('forbidden', 'Only its author can edit a message.')
      return { kind: 'edit', data: { seq, body } }
    }
    case 'del': {
      const { seq } = request
      const message = await findMessage(room, seq, hub)
      if (message.user.id !== user.id && !isModerator(room.state, user)) {
        const message = "Only its author, the room's owner or an admin can delete a message."
        throw new RequestError('forbidden', message)
      }
      return { kind: 'del', data: { seq } }
    }
    case 'react': {
      const { seq, on } = request
      const message = await findMessage(room, seq, hub)
      return { kind: 'react', data: { seq, emoji: reactionOf(request.emoji, message), on } }
    }
    case 'topic':
      if (request.topic === '' && !isModerator(room.state, user))
        throw new RequestError('forbidden', "Only the room's owner or an admin can remove the topic.")
      return { kind: 'topic', data: { topic: request.topic } }
  }
}

/** The message that a write refers to. Rejects with a {@link RequestError} if it does not exist. */
async function findMessage(room: Room, seq: number, hub: Hub): Promise<Entry> {
  const entry = await hub.ask(hub.engine.entry(room.name, seq))
  if (entry?.kind === 'msg' && !entry.fold?.deleted) return entry
  if (entry !== undefined || seq > room.top)
    throw new RequestError('not_found', `there is no message ${seq} in ${room.name}`)
  throw new RequestError('gap', `message ${seq} of ${room.name} is no longer kept`)
}

/**
 * The stored form of a reaction: the spelling that the message already has, or the emoji with all
 * its variation selectors. Throws a {@link RequestError} for other texts.
 */
function reactionOf(text: string, { fold }: Entry): string {
  const stored = Object.keys(fold?.reactions ?? {})
  const emoji = stored.find(other => isSameEmoji(other, text)) ?? readEmoji(text)
  if (emoji === undefined) throw new RequestError('bad_request', 'emoji must be exactly one emoji')
  return emoji
}

/** Enforces slow mode, except for moderators. */
function checkPace(room: Room, user: User, cid: string, now: number): void {
  const { slow } = room.state
  if (slow === 0 || isModerator(room.state, user)) return
  const retry = room.slowMode.wait(user.id, cid, slow, now)
  if (retry > 0) {
    const message = `Slow mode: one message every ${slow} s. Wait ${Math.ceil(retry / 1000)} s.`
    throw new RequestError('rate_limited', message, { retry })
  }
  room.slowMode.sent(user.id, cid, now)
}
