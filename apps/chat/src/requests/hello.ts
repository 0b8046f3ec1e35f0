// hello and ping: the first thing on a connection, and the sign that it is still there.

import { setImmediate as nextTurn } from 'node:timers/promises'
import { hashToken } from '../accounts/token.ts'
import type { Client } from '../connections/client.ts'
import type { Hub } from '../hub/hub.ts'
import { RequestError } from '../policy/request-error.ts'
import type { Follower } from '../rooms/follower.ts'
import {
  CloseCode,
  HEARTBEAT,
  LOBBY,
  MAX_BODY,
  MAX_FRAME,
  MAX_PAGE,
  MAX_ROOMS,
  VERSION,
} from '../wire/constants.ts'
import type { HelloRequest, RoomInfo } from '../wire/messages.ts'
import type { Handled } from './handled.ts'
import { resumeRoom } from './rooms.ts'
import { openGuest, renew, welcome } from './sessions.ts'

/** Bytes of the read allowance for each resumed room, besides its entries. */
const RESUME_COST = 16_384

export async function hello(request: HelloRequest, client: Client, hub: Hub): Promise<Handled<'hello'>> {
  if (client.isGreeted && client.user !== undefined)
    throw new RequestError('bad_request', 'hello was already sent')
  if (request.v !== VERSION) {
    const message = `v must be ${VERSION}, not ${request.v}: load the page again`
    throw new RequestError('version', message, { close: CloseCode.version })
  }
  const token = await identify(request, client, hub)
  const { followers, rooms } = await readRooms(request, client, hub)
  client.greet()
  const { user } = client
  const { burst, perSecond } = hub.writeRate
  if (user !== undefined)
    hub.log('info', 'signed-in', { conn: client.id, user: user.id, rooms: followers.length })
  return {
    reply: {
      conn: client.id,
      now: hub.now(),
      hb: HEARTBEAT,
      ...(user && { user }),
      ...(token !== undefined && { token }),
      auth: hub.auth,
      limits: { frame: MAX_FRAME, body: MAX_BODY, rate: [burst, perSecond], page: MAX_PAGE },
      rooms,
    },
    after: () => {
      for (const follower of followers) follower.start()
    },
  }
}

/**
 * Signs in a client with a token, or with a name where that is enough. Returns the token of a new
 * guest.
 */
async function identify(
  { nick, token }: HelloRequest,
  client: Client,
  hub: Hub,
): Promise<string | undefined> {
  if (token !== undefined) {
    const session = hashToken(token)
    const account = await hub.ask(hub.engine.accounts.session(session, hub.now()))
    if (account === undefined) throw unknownToken()
    await welcome(client, hub, account, session)
    // Once it is found among the connections of its user: a session that is closed from now on ends
    // it.
    if (!(await renew(client, hub))) throw unknownToken()
    return undefined
  }
  if (nick === undefined) return undefined
  if (hub.auth === 'register')
    throw new RequestError('unauthorized', 'This chat needs an account: sign in, or register.')
  return openGuest(nick, client, hub)
}

function unknownToken(): RequestError {
  const message = 'Your session has ended. Sign in again.'
  return new RequestError('unauthorized', message, { close: CloseCode.badToken })
}

/** The resumed rooms, and descriptions of all rooms of the user. */
async function readRooms(
  { resume = {} }: HelloRequest,
  client: Client,
  hub: Hub,
): Promise<{ readonly followers: readonly Follower[]; readonly rooms: readonly RoomInfo[] }> {
  const { user } = client
  if (user === undefined) return { followers: [], rooms: [] }
  const followers: Follower[] = []
  for (const [name, [epoch, seq]] of Object.entries(resume)) {
    // Others are served between two rooms.
    await nextTurn()
    client.checkOpen()
    client.replies.charge(RESUME_COST)
    const follower = await resumeRoom(client, user, hub, name, { epoch, seq })
    if (follower !== undefined) followers.push(follower)
  }
  const memberships = await hub.ask(hub.engine.accounts.memberships(user.id))
  const read = new Map([[LOBBY, 0], ...memberships])
  return { followers, rooms: await hub.directory.some(firstRooms(read, client)) }
}

/** As many as one connection can be in: those that it is in already, then the others. */
function firstRooms(read: ReadonlyMap<string, number>, { rooms }: Client): ReadonlyMap<string, number> {
  const names = [LOBBY, ...rooms.keys(), ...read.keys()]
  return new Map([...new Set(names)].slice(0, MAX_ROOMS).map(name => [name, read.get(name) ?? 0]))
}

export async function ping(_request: unknown, _client: Client, hub: Hub): Promise<Handled<'ping'>> {
  return { reply: { now: hub.now() } }
}
