// join, leave, remove, rooms and who: membership of rooms, and lists of rooms and members.

import { makeId } from '../accounts/token.ts'
import type { Client } from '../connections/client.ts'
import { Forbidden, NoSuchRoom } from '../engine/engine.ts'
import type { Hub } from '../hub/hub.ts'
import type { Draft, Position } from '../log/entry.ts'
import { entranceGuard, refusalFor } from '../policy/permissions.ts'
import { spendRoom } from '../policy/rate-limits.ts'
import { RequestError } from '../policy/request-error.ts'
import type { Follower } from '../rooms/follower.ts'
import type { Room } from '../rooms/room.ts'
import { lookOf } from '../text/look.ts'
import { mixesScripts } from '../text/scripts.ts'
import { hasStackedMarks } from '../text/stacked-marks.ts'
import { LOBBY, MAX_LISTED, MAX_ROOMS, MAX_ROOMS_MADE } from '../wire/constants.ts'
import type {
  JoinRequest,
  LeaveRequest,
  RemoveRequest,
  RoomsRequest,
  User,
  WhoRequest,
} from '../wire/messages.ts'
import type { Handled } from './handled.ts'

/**
 * Bytes of the read allowance for each member of a room: the store reads all of them to list some.
 */
const MEMBER_COST = 64

export async function join(request: JoinRequest, client: Client, hub: Hub): Promise<Handled<'join'>> {
  const user = client.user!
  const { room: name, since, create } = request
  if (create) await makeRoom(name, user, client, hub)
  client.checkOpen()
  const position = since && { epoch: since[0], seq: since[1] }
  const room = await hub.rooms.hold(name)
  try {
    const follower = await enterRoom(client, user, hub, room, position)
    client.checkOpen()
    const reply = await describeJoined(room, user, hub)
    client.in(name)
    client.replies.charge(reply.members * MEMBER_COST)
    return { reply, after: () => follower.start() }
  } finally {
    room.release()
  }
}

/**
 * Adds the client to a room that is held. Missed entries after `since` will be sent, or only new
 * ones.
 */
async function enterRoom(
  client: Client,
  user: User,
  hub: Hub,
  room: Room,
  since: Position | undefined,
): Promise<Follower> {
  if (user.guest) await hub.addressBans.check(room.name, client)
  const guard = entranceGuard(room.name, user)
  hub.check(guard)
  if (client.rooms.size >= MAX_ROOMS && !client.rooms.has(room.name))
    throw new RequestError('forbidden', `You're in ${MAX_ROOMS} rooms, which is the limit. Leave one first.`)
  const expulsions = room.expulsions(user.id)
  await hub.ask(hub.engine.accounts.enter(user.id, room.name, guard))
  const top = await hub.ask(hub.engine.tops([room.name]))
  room.reaches(top.get(room.name)?.seq ?? 0)
  await room.presence.enter({ id: user.id, nick: user.nick })
  try {
    hub.check(guard)
    if (room.isRemoved || !top.has(room.name)) throw noRoom(room.name)
    if (room.expulsions(user.id) !== expulsions)
      throw new RequestError('forbidden', `You were removed from ${room.name}.`)
  } catch (error) {
    room.presence.exit(user.id, false)
    await hub.ask(hub.engine.accounts.leave(user.id, room.name)).catch(() => {})
    throw error
  }
  // A second join starts again. The presence counts the user once more before the earlier
  // membership ends.
  client.leave(room.name)
  return client.enter(room, user.id, since ?? room.head, since !== undefined)
}

async function describeJoined(room: Room, user: User, hub: Hub) {
  const { engine, directory } = hub
  const [memberships, { count, members }] = await hub.ask(
    Promise.all([engine.accounts.memberships(user.id), engine.presence.members(room.name, MAX_LISTED)]),
  )
  const info = await directory.room(room.name, memberships.get(room.name) ?? 0)
  if (info === undefined) throw noRoom(room.name)
  const { locked, slow } = room.state
  return {
    ...info,
    members: count,
    ...(count <= MAX_LISTED && { here: members }),
    ...(locked && { locked }),
    ...(slow > 0 && { slow }),
  }
}

/**
 * Joins a room as `join` with `since` does, for a `hello`; undefined if the user can no longer join
 * it.
 */
export async function resumeRoom(
  client: Client,
  user: User,
  hub: Hub,
  name: string,
  since: Position,
): Promise<Follower | undefined> {
  try {
    const room = await hub.rooms.hold(name)
    try {
      return await enterRoom(client, user, hub, room, since)
    } finally {
      room.release()
    }
  } catch (error) {
    const refusal = error instanceof Forbidden ? refusalFor(error, hub.now()) : error
    if (!(refusal instanceof RequestError || refusal instanceof NoSuchRoom)) throw error
    client.say({ t: 'notice', level: 'warn', msg: `${name}: ${refusal.message}` })
    return undefined
  }
}

/** Creates a room if it does not exist. Concurrent requests on this node create it once. */
async function makeRoom(name: string, user: User, client: Client, hub: Hub): Promise<void> {
  const { creating } = hub.rooms
  for (;;) {
    if (await exists(name, hub)) return
    const other = creating.get(name)
    if (other === undefined) break
    await other.catch(() => {})
  }
  const created = createRoom(name, user, client, hub)
  creating.set(name, created)
  try {
    await created
  } finally {
    creating.delete(name)
  }
}

async function createRoom(name: string, user: User, client: Client, hub: Hub): Promise<void> {
  client.spendWrite()
  const rooms = await hub.ask(hub.engine.rooms(MAX_ROOMS_MADE + 1))
  checkNewName(name, rooms)
  if (rooms.filter(room => room !== LOBBY).length >= MAX_ROOMS_MADE)
    throw new RequestError('forbidden', `There are ${MAX_ROOMS_MADE} rooms already, which is the limit.`)
  await spendRoom(client, hub)
  const guard = entranceGuard(name, user)
  hub.check(guard)
  if (!(await hub.ask(hub.engine.createRoom(name)))) return
  const { id, nick } = user
  const draft: Draft = { kind: 'mod', data: { op: 'create' }, cid: makeId(), user: { id, nick } }
  await hub.publish(name, draft, guard)
  hub.log('info', 'room-created', { room: name, user: id })
}

/**
 * Throws a {@link RequestError} for a name that can be taken for another. Rooms of an earlier
 * version may have such names.
 */
function checkNewName(name: string, others: readonly string[]): void {
  if (hasStackedMarks(name))
    throw new RequestError('bad_request', 'This name has too many marks on one letter.')
  if (mixesScripts(name))
    throw new RequestError(
      'bad_request',
      'This name mixes letters of scripts that look alike. Use one script.',
    )
  const look = lookOf(name)
  const alike = others.find(other => other !== name && lookOf(other) === look)
  if (alike !== undefined) throw new RequestError('exists', `There is a room that looks the same: #${alike}.`)
}

async function exists(name: string, hub: Hub): Promise<boolean> {
  return (await hub.ask(hub.engine.tops([name]))).has(name)
}

function noRoom(name: string): NoSuchRoom {
  return new NoSuchRoom(`there is no room ${name}`)
}

/** For admins: removes a room and its log. All its users leave it, on all nodes. */
export async function remove(request: RemoveRequest, client: Client, hub: Hub): Promise<Handled<'remove'>> {
  const { room } = request
  const user = client.user!
  if (!user.admin) throw new RequestError('forbidden', 'Only an admin can do that.')
  if (room === LOBBY) throw new RequestError('forbidden', "The lobby can't be removed.")
  client.spendWrite()
  if (!(await hub.ask(hub.engine.removeRoom(room)))) throw noRoom(room)
  hub.log('info', 'room-removed', { room, user: user.id })
  return { reply: {} }
}

export async function leave(request: LeaveRequest, client: Client, hub: Hub): Promise<Handled<'leave'>> {
  client.in(request.room)
  await hub.ask(hub.engine.accounts.leave(client.user!.id, request.room))
  client.leave(request.room)
  return { reply: {} }
}

/** A page of the list of all rooms. */
export async function rooms(
  { after, limit }: RoomsRequest,
  client: Client,
  hub: Hub,
): Promise<Handled<'rooms'>> {
  const read = await hub.ask(hub.engine.accounts.memberships(client.user!.id))
  return { reply: await hub.directory.page(after, limit, read) }
}

export async function who(request: WhoRequest, client: Client, hub: Hub): Promise<Handled<'who'>> {
  client.in(request.room)
  const reply = await hub.ask(hub.engine.presence.members(request.room, MAX_LISTED))
  client.in(request.room)
  client.replies.charge(reply.count * MEMBER_COST)
  return { reply }
}
