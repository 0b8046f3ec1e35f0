// join, leave, rooms, who: to come into rooms, to go, and to see who is there.

import { makeId } from '../../accounts/token.ts'
import { NoSuchRoom } from '../../engine/engine.ts'
import type { Position } from '../../log/entry.ts'
import { LOBBY, MAX_LISTED, MAX_ROOMS, MAX_ROOMS_MADE } from '../../wire/constants.ts'
import type { JoinRequest, LeaveRequest, RoomsRequest, User, WhoRequest } from '../../wire/messages.ts'
import type { Client } from '../client.ts'
import type { Follower } from '../follower.ts'
import type { Node } from '../node.ts'
import { checkEntrance } from '../permissions.ts'
import { RequestError } from '../request-error.ts'
import type { Room } from '../room.ts'
import type { Handled } from './handled.ts'

/** Bytes of the read allowance for each member of a room, all of whom the store goes through to list some. */
const MEMBER_COST = 64

export async function join(request: JoinRequest, client: Client, node: Node): Promise<Handled<'join'>> {
  const user = client.user!
  const { room: name, since, create } = request
  if (create) await makeRoom(name, user, client, node)
  client.checkOpen()
  const position = since && { epoch: since[0], seq: since[1] }
  const room = await node.rooms.hold(name)
  try {
    const follower = await enterRoom(client, user, node, room, position)
    client.checkOpen()
    const reply = await describeJoined(room, user, node)
    client.replies.charge(reply.members * MEMBER_COST)
    return { reply, after: () => follower.start() }
  } finally {
    room.release()
  }
}

/** Is in a room; what is missing after `since` will be sent, or else what comes. The room is held. */
async function enterRoom(
  client: Client,
  user: User,
  node: Node,
  room: Room,
  since: Position | undefined,
): Promise<Follower> {
  checkEntrance(room.name, room.state, user, node.now())
  if (client.rooms.size >= MAX_ROOMS && !client.rooms.has(room.name))
    throw new RequestError('forbidden', `you are in ${MAX_ROOMS} rooms: leave one first`)
  await node.ask(node.engine.accounts.enter(user.id, room.name))
  const top = await node.ask(node.engine.tops([room.name]))
  room.reaches(top.get(room.name)?.seq ?? 0)
  await room.presence.enter({ id: user.id, nick: user.nick })
  // Whoever joins once more begins anew; his presence was counted again before it ends once.
  client.leave(room.name)
  return client.enter(room, user.id, since ?? room.head, since !== undefined)
}

async function describeJoined(room: Room, user: User, node: Node) {
  const { engine, directory } = node
  const [memberships, { count, members }] = await node.ask(
    Promise.all([engine.accounts.memberships(user.id), engine.presence.members(room.name, MAX_LISTED)]),
  )
  const info = await directory.room(room.name, memberships.get(room.name) ?? 0)
  if (info === undefined) throw new NoSuchRoom(`there is no room ${room.name}`)
  const { locked, slow } = room.state
  return {
    ...info,
    members: count,
    ...(count <= MAX_LISTED && { here: members }),
    ...(locked && { locked }),
    ...(slow > 0 && { slow }),
  }
}

/** As a join with `since`, for a connection that says hello; undefined for a room that it cannot be in any more. */
export async function resumeRoom(
  client: Client,
  user: User,
  node: Node,
  name: string,
  since: Position,
): Promise<Follower | undefined> {
  try {
    const room = await node.rooms.hold(name)
    try {
      return await enterRoom(client, user, node, room, since)
    } finally {
      room.release()
    }
  } catch (error) {
    if (!(error instanceof RequestError || error instanceof NoSuchRoom)) throw error
    client.say({ t: 'notice', level: 'warn', msg: `${name}: ${error.message}` })
    return undefined
  }
}

async function makeRoom(name: string, user: User, client: Client, node: Node): Promise<void> {
  if ((await node.ask(node.engine.room(name))) !== undefined) return
  client.spendWrite()
  const rooms = await node.ask(node.engine.rooms(MAX_ROOMS_MADE + 1))
  if (rooms.filter(room => room !== LOBBY).length >= MAX_ROOMS_MADE)
    throw new RequestError('forbidden', `there are ${MAX_ROOMS_MADE} rooms, and no more may be made`)
  if (!(await node.ask(node.engine.createRoom(name)))) return
  const { id, nick } = user
  await node.publish(name, { kind: 'mod', data: { op: 'create' }, cid: makeId(), user: { id, nick } })
  node.log('info', 'room-made', { room: name, user: id })
}

export async function leave(request: LeaveRequest, client: Client, node: Node): Promise<Handled<'leave'>> {
  client.in(request.room)
  await node.ask(node.engine.accounts.leave(client.user!.id, request.room))
  client.leave(request.room)
  return { reply: {} }
}

/** A page of the list of all rooms. */
export async function rooms(
  { after, limit }: RoomsRequest,
  client: Client,
  node: Node,
): Promise<Handled<'rooms'>> {
  const { user } = client
  const read = user ? await node.ask(node.engine.accounts.memberships(user.id)) : new Map<string, number>()
  return { reply: await node.directory.page(after, limit, read) }
}

export async function who(request: WhoRequest, client: Client, node: Node): Promise<Handled<'who'>> {
  client.in(request.room)
  const reply = await node.ask(node.engine.presence.members(request.room, MAX_LISTED))
  client.replies.charge(reply.count * MEMBER_COST)
  return { reply }
}
