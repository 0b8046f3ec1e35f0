// history and search: earlier messages.

import type { Client } from '../connections/client.ts'
import { PAGE_SIZE } from '../context/options.ts'
import type { HistoryQuery, Page } from '../engine/engine.ts'
import type { Hub } from '../hub/hub.ts'
import { entranceGuard } from '../policy/permissions.ts'
import { spendSearch } from '../policy/rate-limits.ts'
import { RequestError } from '../policy/request-error.ts'
import { LOBBY } from '../wire/constants.ts'
import type { HistoryRequest, Replies, SearchRequest, User } from '../wire/messages.ts'
import { wireEntry } from '../wire/wire-entry.ts'
import type { Handled } from './handled.ts'

const PAGE = 50
const HITS = 20

export async function history(
  request: HistoryRequest,
  client: Client,
  hub: Hub,
): Promise<Handled<'history'>> {
  const room = client.in(request.room)
  const { around, before, after, folds, limit = PAGE } = request
  const read = (query: HistoryQuery) => hub.ask(hub.engine.history(room.name, query))
  const page =
    around === undefined
      ? await readPage(read, {
          limit,
          size: PAGE_SIZE,
          ...(before !== undefined && { before }),
          ...(after !== undefined && { after }),
          ...(folds && { folded: true }),
        })
      : await readAround(read, around, limit)
  checkReading(request.room, client, hub)
  const log = page.entries.map(entry => wireEntry(entry, client.user!.id))
  const { epoch, seq: top, oldest, gap } = page
  return { reply: { epoch, top, oldest, log, ...(gap && { gap: true }) } }
}

type Read = (query: HistoryQuery) => Promise<Page>
/** `gap`: entries that belong to the page are no longer kept. */
type FoundPage = Page & { readonly gap: boolean }

async function readPage(read: Read, query: HistoryQuery): Promise<FoundPage> {
  const page = await read(query)
  return { ...page, gap: lacks(query, page) }
}

/** An entry with half a page before it, and half a page after it. */
async function readAround(read: Read, around: number, limit: number): Promise<FoundPage> {
  const size = PAGE_SIZE / 2
  const older = await readPage(read, { before: around + 1, limit: Math.floor(limit / 2) + 1, size })
  const half = Math.floor((limit - 1) / 2)
  if (half < 1) return older
  const newer = await read({ after: around, limit: half, size, folded: true })
  // The log was replaced or truncated: the first page is still valid.
  if (newer.epoch !== older.epoch || newer.oldest > around + 1) return older
  return { ...newer, entries: [...older.entries, ...newer.entries], gap: older.gap }
}

function lacks({ after, before, limit }: HistoryQuery, { oldest, seq }: Page): boolean {
  if (after !== undefined) return oldest > after + 1
  const end = Math.min(before ?? seq + 1, seq + 1)
  return oldest > Math.max(1, end - limit)
}

/**
 * Searches the rooms of the user, without those they are banned from. Does not delay the next
 * request.
 */
export async function search(request: SearchRequest, client: Client, hub: Hub): Promise<Handled<'search'>> {
  if (request.room !== undefined) client.in(request.room)
  return { reply: find(request, client.user!, client, hub) }
}

async function find(
  { q: text, room, before, limit = HITS }: SearchRequest,
  user: User,
  client: Client,
  hub: Hub,
): Promise<Replies['search']> {
  await spendSearch(client, hub)
  const roomsOf = () => (room === undefined ? memberRooms(user, hub) : Promise.resolve([room]))
  const found = await hub.searches.run(client.addressGroup, async () => {
    client.checkOpen()
    const rooms = await roomsOf()
    const query = { text, rooms, limit, signal: client.gone, ...(before !== undefined && { before }) }
    return hub.engine.search(query)
  })
  const readable = await roomsOf()
  if (client.user?.id !== user.id) throw new RequestError('unauthorized', 'sign in first')
  if (room !== undefined) checkReading(room, client, hub)
  const hits = found.hits
    .filter(({ entry }) => readable.includes(entry.room))
    .map(({ entry, snippet }) => {
      const { seq, ts, user } = entry
      return { room: entry.room, seq, ts, user, snip: snippet }
    })
  return { hits, ...(found.next !== undefined && { next: found.next }) }
}

/** The connection may have been put out of the room while the store was asked. */
function checkReading(room: string, client: Client, hub: Hub): void {
  client.in(room)
  hub.check(entranceGuard(room, client.user!))
}

async function memberRooms(user: User, hub: Hub): Promise<readonly string[]> {
  const memberships = await hub.ask(hub.engine.accounts.memberships(user.id))
  hub.check(entranceGuard(LOBBY, user))
  return [...new Set([LOBBY, ...memberships.keys()])]
}
