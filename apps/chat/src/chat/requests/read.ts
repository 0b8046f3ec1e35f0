// history and search: what was said before.

import type { HistoryQuery, Page } from '../../engine/engine.ts'
import { LOBBY } from '../../wire/constants.ts'
import type { HistoryRequest, SearchRequest } from '../../wire/messages.ts'
import { wireEntry } from '../../wire/wire-entry.ts'
import type { Client } from '../client.ts'
import type { Node } from '../node.ts'
import { entranceGuard } from '../permissions.ts'
import type { Handled } from './handled.ts'

const PAGE = 50
const HITS = 20

export async function history(
  request: HistoryRequest,
  client: Client,
  node: Node,
): Promise<Handled<'history'>> {
  const room = client.in(request.room)
  const { after, limit = PAGE } = request
  // Around an entry is before one that is half a page later.
  const before =
    request.around === undefined ? request.before : request.around + Math.floor((limit - 1) / 2) + 1
  const query: HistoryQuery = {
    limit,
    ...(after !== undefined && { after }),
    ...(before !== undefined && { before }),
  }
  const page = await node.ask(node.engine.history(room.name, query))
  checkReading(request.room, client, node)
  const log = page.entries.map(entry => wireEntry(entry, client.user!.id))
  const { epoch, seq: top, oldest } = page
  return { reply: { epoch, top, oldest, log, ...(lacks(query, page) && { gap: true }) } }
}

/** Whether there were entries, once, that a page should have had. */
function lacks({ after, before, limit }: HistoryQuery, { oldest, seq }: Page): boolean {
  if (after !== undefined) return oldest > after + 1
  const end = Math.min(before ?? seq + 1, seq + 1)
  return oldest > Math.max(1, end - limit)
}

/** In the rooms that the user is a member of: those he is banned from are not among them. */
export async function search(request: SearchRequest, client: Client, node: Node): Promise<Handled<'search'>> {
  const { q: text, room, before, limit = HITS } = request
  if (room !== undefined) client.in(room)
  // It is more work than anything else that can be asked for.
  client.spendWrite()
  const rooms = room === undefined ? await memberRooms(client, node) : [room]
  const found = await node.ask(
    node.engine.search({ text, rooms, limit, ...(before !== undefined && { before }) }),
  )
  const readable = room === undefined ? await memberRooms(client, node) : rooms
  if (room !== undefined) checkReading(room, client, node)
  const hits = found.hits
    .filter(({ entry }) => readable.includes(entry.room))
    .map(({ entry, snippet }) => {
      const { seq, ts, user } = entry
      return { room: entry.room, seq, ts, user, snip: snippet }
    })
  return { reply: { hits, ...(found.next !== undefined && { next: found.next }) } }
}

/** The connection may have been put out of the room while the store was asked. */
function checkReading(room: string, client: Client, node: Node): void {
  client.in(room)
  node.check(entranceGuard(room, client.user!))
}

async function memberRooms(client: Client, node: Node): Promise<readonly string[]> {
  const memberships = await node.ask(node.engine.accounts.memberships(client.user!.id))
  node.check(entranceGuard(LOBBY, client.user!))
  return [...new Set([LOBBY, ...memberships.keys()])]
}
