// Who a connection is: guests and sessions, whichever request makes them.

import { readNick } from '../accounts/name.ts'
import { hashToken, makeId, makeToken } from '../accounts/token.ts'
import type { Client } from '../connections/client.ts'
import type { Account, NickObstacle } from '../engine/engine.ts'
import { findForbidden } from '../engine/guard.ts'
import type { Node } from '../hub/node.ts'
import type { Author, Draft } from '../log/entry.ts'
import { entranceGuard } from '../policy/permissions.ts'
import { spendAccount } from '../policy/rate-limits.ts'
import { RequestError } from '../policy/request-error.ts'
import type { RoomSignal } from '../rooms/room.ts'
import { CloseCode, LOBBY, MAX_ROOMS } from '../wire/constants.ts'

/** A session ends this many milliseconds after it was last used: 30 days. */
const LIFETIME = 30 * 24 * 3_600_000

/** Why a connection is closed whose session was closed elsewhere. */
const SESSION_ENDED = 'This session was ended in another window.'

/** Makes a guest of this nick, whose connection this is. Gives their token. */
export async function openGuest(nick: string, client: Client, node: Node): Promise<string> {
  const account: Account = { id: makeId(), nick: checkNick(nick), guest: true }
  await spendAccount(client, node)
  await node.addressBans.check(LOBBY, client)
  await createAccount(account, node)
  return openSession(account, client, node)
}

/** Makes a session of this account, whose connection this is from now on. Gives its token. */
export async function openSession(account: Account, client: Client, node: Node): Promise<string> {
  const { token, session } = await storeSession(account, node)
  await welcome(client, node, account, session)
  return token
}

async function storeSession(account: Account, node: Node) {
  const token = makeToken()
  const session = hashToken(token)
  const expires = node.now() + lifetimeOf(account, false, node)
  await node.ask(node.engine.accounts.openSession(session, account.id, expires))
  return { token, session }
}

/** The lifetime of a session. A guest who has written nothing holds their name only briefly. */
function lifetimeOf({ guest }: Account, hasWritten: boolean, { times }: Node): number {
  return guest && !hasWritten ? times.silent : LIFETIME
}

/** Prolongs the session of a connection, as happens now and again while it is open. False, and its end, if it was closed. */
export async function renew(client: Client, node: Node): Promise<boolean> {
  const { account, session, hasWritten } = client
  if (account === undefined || session === undefined) return true
  const expires = node.now() + lifetimeOf(account, hasWritten, node)
  const isThere = await node.ask(node.engine.accounts.renewSession(session, expires))
  // The connection may have signed in as another user in the meantime.
  if (!isThere && client.session === session) client.end(CloseCode.badToken, SESSION_ENDED)
  return isThere
}

/** The user of a connection has written something: a guest who does is kept for longer. */
export function keepWriter(client: Client, node: Node): void {
  if (client.markWritten() && client.account?.guest === true) node.attempt(renew(client, node))
}

/** Tells all nodes, this one too, that something about a user is not as it was. */
export function announce(user: string, node: Node): void {
  const signal: RoomSignal = { t: 'account', user }
  node.engine.signal(LOBBY, signal)
}

/** Brings the connections of a user up to date, and ends those whose session is over. */
export async function refresh(user: string, node: Node): Promise<void> {
  for (const client of [...node.people.of(user)]) {
    const { account: before, session } = client
    if (before === undefined || session === undefined) continue
    const account = await node.ask(node.engine.accounts.session(session, node.now()))
    // It may have become somebody else's meanwhile.
    if (client.session !== session) continue
    if (account === undefined) client.end(CloseCode.badToken, SESSION_ENDED)
    else if (account.nick !== before.nick || account.guest !== before.guest) client.become(account)
    else if (account.admin !== before.admin) {
      client.become(account)
      const msg = account.admin ? 'You are an admin now.' : 'You are no longer an admin.'
      client.say({ t: 'notice', level: 'info', msg })
    }
  }
}

/** The connection is this user's, unless they are banned: who is not let into the lobby is not let into the chat. */
export async function welcome(client: Client, node: Node, account: Account, session: string): Promise<void> {
  if (account.guest) await node.addressBans.check(LOBBY, client)
  const guard = entranceGuard(LOBBY, account)
  const lobby = await node.ask(node.engine.room(LOBBY))
  const forbidden = findForbidden(guard, ({ key }) => lobby?.state.get(key), node.now())
  if (forbidden !== undefined) throw forbidden
  // A ban that this node hears of from here on ends the connection.
  node.check(guard)
  client.signIn(account, session, () => node.attempt(renew(client, node)))
  node.attempt(node.addressBans.remember(account.id, client))
}

/**
 * Makes a registered user of the guest whose connection this is. All sessions of the guest end: whoever else has the token, in
 * another window or by theft, has to sign in with the password. Gives a new token.
 */
export async function registerGuest(registered: Account, client: Client, node: Node): Promise<string> {
  const { id, nick, password } = registered
  const { nick: before } = client.account!
  if (!(await node.ask(node.engine.accounts.register(id, nick, password!)))) await refuseNick(nick, id, node)
  try {
    const { token, session } = await storeSession(registered, node)
    client.changeSession(session)
    client.become(registered)
    if (before !== nick) node.attempt(logRename(before, registered, node))
    return token
  } finally {
    announce(id, node)
  }
}

/** Whether an account has signed in with its password from the address of this connection before. */
export async function hasSignedInFromHere({ id }: Account, client: Client, node: Node): Promise<boolean> {
  return node.ask(node.engine.accounts.hasAddress(id, addressOf(id, client)))
}

/** Remembers that an account has signed in from the address of this connection. */
export async function rememberAddress({ id }: Account, client: Client, node: Node): Promise<void> {
  await node.ask(node.engine.accounts.addAddress(id, addressOf(id, client)))
}

/** The hash of an address, so that the store does not reveal where users were. */
function addressOf(user: string, client: Client): string {
  return hashToken(`${user} ${client.addressGroup}`)
}

/** The nick that a text is, normalized. Throws a {@link RequestError} where new users cannot have it. */
export function checkNick(text: string): string {
  const read = readNick(text)
  if ('problem' in read) throw new RequestError('bad_request', read.problem)
  return read.nick
}

/** Rejects with a {@link RequestError} where there is an obstacle to a nick for a user. */
export async function checkFree(nick: string, user: string | undefined, node: Node): Promise<void> {
  const obstacle = await node.ask(node.engine.accounts.obstacle(nick, user))
  if (obstacle !== undefined) throw nickRefusal(nick, obstacle)
}

function nickRefusal(nick: string, obstacle: NickObstacle): RequestError {
  const reasons = {
    taken: `"${nick}" is taken. Pick another name, or sign in if it's yours.`,
    alike: `"${nick}" looks like a name that is taken. Pick another name.`,
    resting: `"${nick}" was given up less than an hour ago. Pick another name, or try again later.`,
  }
  return new RequestError('exists', reasons[obstacle])
}

/** Stores a new account. Rejects with a {@link RequestError} where its nick cannot be had. */
export async function createAccount(account: Account, node: Node): Promise<void> {
  if (await node.ask(node.engine.accounts.create(account))) return
  await refuseNick(account.nick, undefined, node)
}

/** Stores the nick of an account. Rejects as `createAccount` does. */
export async function renameAccount({ id, nick }: Account, node: Node): Promise<void> {
  if (!(await node.ask(node.engine.accounts.rename(id, nick)))) await refuseNick(nick, id, node)
}

/** Says why a nick could not be had a moment ago. */
async function refuseNick(nick: string, user: string | undefined, node: Node): Promise<never> {
  await checkFree(nick, user, node)
  throw nickRefusal(nick, 'taken')
}

/** Says in the log of each room that a user is a member of that their nick is another now. Rooms that take no more of them go without. */
export async function logRename(from: string, { id, nick }: Author, node: Node): Promise<void> {
  const memberships = await node.ask(node.engine.accounts.memberships(id))
  const rooms = [...memberships.keys()].slice(0, MAX_ROOMS)
  await Promise.allSettled(
    rooms.map(room => {
      const draft: Draft = { kind: 'rename', data: { from }, cid: makeId(), user: { id, nick } }
      return node.publish(room, draft, entranceGuard(room, { id }))
    }),
  )
}
