// Guests and sessions, for all requests that create or change them.

import { readName } from '../accounts/name.ts'
import { hashToken, makeId, makeToken } from '../accounts/token.ts'
import type { Client } from '../connections/client.ts'
import type { Account, NameObstacle } from '../engine/engine.ts'
import { findForbidden } from '../engine/guard.ts'
import type { Hub } from '../hub/hub.ts'
import type { Author, Draft } from '../log/entry.ts'
import { entranceGuard } from '../policy/permissions.ts'
import { spendAccount } from '../policy/rate-limits.ts'
import { RequestError } from '../policy/request-error.ts'
import type { RoomSignal } from '../rooms/room-signal.ts'
import { CloseCode, LOBBY, MAX_ROOMS, SESSION_ENDED } from '../wire/constants.ts'

/** A session ends this many milliseconds after it was last used: 30 days. */
const LIFETIME = 30 * 24 * 3_600_000

/** Creates a guest with this name and signs in the connection. Returns the token. */
export async function openGuest(nick: string, client: Client, hub: Hub): Promise<string> {
  const account: Account = { id: makeId(), nick: checkName(nick), guest: true }
  await spendAccount(client, hub)
  await hub.addressBans.check(LOBBY, client)
  await createAccount(account, hub)
  return openSession(account, client, hub)
}

/** Makes a session of this account, whose connection this is from now on. Gives its token. */
export async function openSession(account: Account, client: Client, hub: Hub): Promise<string> {
  const { token, session } = await storeSession(account, hub)
  await welcome(client, hub, account, session)
  return token
}

async function storeSession(account: Account, hub: Hub) {
  const token = makeToken()
  const session = hashToken(token)
  const expires = hub.now() + lifetimeOf(account, false, hub)
  await hub.ask(hub.engine.accounts.openSession(session, account.id, expires))
  return { token, session }
}

/**
 * The lifetime of a session. The name of a guest who has never written is reserved only briefly.
 */
function lifetimeOf({ guest }: Account, hasWritten: boolean, { times }: Hub): number {
  return guest && !hasWritten ? times.silent : LIFETIME
}

/**
 * Prolongs the session of a connection, periodically while it is open. False if the session was
 * closed, which ends the connection.
 */
export async function renew(client: Client, hub: Hub): Promise<boolean> {
  const { account, session, hasWritten } = client
  if (account === undefined || session === undefined) return true
  const expires = hub.now() + lifetimeOf(account, hasWritten, hub)
  const isThere = await hub.ask(hub.engine.accounts.renewSession(session, expires))
  // The connection may have signed in as another user in the meantime.
  if (!isThere && client.session === session) client.end(CloseCode.badToken, SESSION_ENDED)
  return isThere
}

/** Records that the user of a connection has written, which prolongs the session of a guest. */
export function keepWriter(client: Client, hub: Hub): void {
  if (client.markWritten() && client.account?.guest === true) hub.attempt(renew(client, hub))
}

/** Tells all nodes, this one too, that something about a user is not as it was. */
export function announce(user: string, hub: Hub): void {
  const signal: RoomSignal = { t: 'account', user }
  hub.engine.signal(LOBBY, signal)
}

/**
 * Signs in a connection, unless the user is banned from the lobby, which is a ban from the chat.
 */
export async function welcome(client: Client, hub: Hub, account: Account, session: string): Promise<void> {
  if (account.guest) await hub.addressBans.check(LOBBY, client)
  const guard = entranceGuard(LOBBY, account)
  const lobby = await hub.ask(hub.engine.room(LOBBY))
  const forbidden = findForbidden(guard, ({ key }) => lobby?.state.get(key), hub.now())
  if (forbidden !== undefined) throw forbidden
  // A ban that this node hears of from here on ends the connection.
  hub.check(guard)
  client.signIn(account, session, () => hub.attempt(renew(client, hub)))
  hub.attempt(hub.addressBans.remember(account.id, client))
}

/**
 * Makes a registered user of the guest of a connection. All sessions of the guest end: other
 * holders of the token, in another window or by theft, have to sign in with the password. Returns a
 * new token.
 */
export async function registerGuest(registered: Account, client: Client, hub: Hub): Promise<string> {
  const { id, nick, password } = registered
  const { nick: before } = client.account!
  if (!(await hub.ask(hub.engine.accounts.register(id, nick, password!)))) await refuseName(nick, id, hub)
  try {
    const { token, session } = await storeSession(registered, hub)
    client.changeSession(session)
    client.become(registered)
    if (before !== nick) hub.attempt(logRename(before, registered, hub))
    return token
  } finally {
    announce(id, hub)
  }
}

/**
 * Whether an account has signed in with its password from the address of this connection before.
 */
export async function hasSignedInFromHere({ id }: Account, client: Client, hub: Hub): Promise<boolean> {
  return hub.ask(hub.engine.accounts.hasAddress(id, addressOf(id, client)))
}

/** Remembers that an account has signed in from the address of this connection. */
export async function rememberAddress({ id }: Account, client: Client, hub: Hub): Promise<void> {
  await hub.ask(hub.engine.accounts.addAddress(id, addressOf(id, client)))
}

/** The hash of an address, so that the store does not reveal where users were. */
function addressOf(user: string, client: Client): string {
  return hashToken(`${user} ${client.addressGroup}`)
}

/** The normalized form of a name. Throws a {@link RequestError} if new users cannot have it. */
export function checkName(text: string): string {
  const read = readName(text)
  if ('problem' in read) throw new RequestError('bad_request', read.problem)
  return read.nick
}

/** Rejects with a {@link RequestError} if a user cannot have a name. */
export async function checkFree(nick: string, user: string | undefined, hub: Hub): Promise<void> {
  const obstacle = await hub.ask(hub.engine.accounts.obstacle(nick, user))
  if (obstacle !== undefined) throw nameRefusal(nick, obstacle)
}

function nameRefusal(nick: string, obstacle: NameObstacle): RequestError {
  const reasons = {
    taken: `"${nick}" is taken. Pick another name, or sign in if it's yours.`,
    alike: `"${nick}" looks like a name that is taken. Pick another name.`,
    resting: `"${nick}" was given up less than an hour ago. Pick another name, or try again later.`,
  }
  return new RequestError('exists', reasons[obstacle])
}

/** Stores a new account. Rejects with a {@link RequestError} if its name is not available. */
export async function createAccount(account: Account, hub: Hub): Promise<void> {
  if (await hub.ask(hub.engine.accounts.create(account))) return
  await refuseName(account.nick, undefined, hub)
}

/** Stores the name of an account. Rejects as `createAccount` does. */
export async function renameAccount({ id, nick }: Account, hub: Hub): Promise<void> {
  if (!(await hub.ask(hub.engine.accounts.rename(id, nick)))) await refuseName(nick, id, hub)
}

/** Rejects with the reason why a name was not available a moment ago. */
async function refuseName(nick: string, user: string | undefined, hub: Hub): Promise<never> {
  await checkFree(nick, user, hub)
  throw nameRefusal(nick, 'taken')
}

/**
 * Writes the change of a name to the logs of the user's rooms. Rooms that accept no entries of the
 * user are skipped.
 */
export async function logRename(from: string, { id, nick }: Author, hub: Hub): Promise<void> {
  const memberships = await hub.ask(hub.engine.accounts.memberships(id))
  const rooms = [...memberships.keys()].slice(0, MAX_ROOMS)
  await Promise.allSettled(
    rooms.map(room => {
      const draft: Draft = { kind: 'rename', data: { from }, cid: makeId(), user: { id, nick } }
      return hub.publish(room, draft, entranceGuard(room, { id }))
    }),
  )
}
