// Who a connection is: guests and sessions, whichever request makes them.

import { NICK_EXPECTED, readNick } from '../../accounts/nick.ts'
import { hashToken, makeId, makeToken } from '../../accounts/token.ts'
import type { Account } from '../../engine/engine.ts'
import { findForbidden } from '../../engine/guard.ts'
import { CloseCode, LOBBY } from '../../wire/constants.ts'
import type { Client } from '../client.ts'
import type { Node } from '../node.ts'
import { entranceGuard } from '../permissions.ts'
import { RequestError } from '../request-error.ts'
import type { RoomSignal } from '../room.ts'

/** A session ends so many milliseconds after it was last used: 30 days. */
const LIFETIME = 30 * 24 * 3_600_000

/** Makes a guest of this nick, whose connection this is. Gives his token. */
export async function openGuest(nick: string, client: Client, node: Node): Promise<string> {
  client.spendWrite()
  const account: Account = { id: makeId(), nick: checkNick(nick), guest: true }
  await createAccount(account, node)
  return openSession(account, client, node)
}

/** Makes a session of this account, whose connection this is from now on. Gives its token. */
export async function openSession(account: Account, client: Client, node: Node): Promise<string> {
  const token = makeToken()
  const session = hashToken(token)
  await node.ask(node.engine.accounts.openSession(session, account.id, node.now() + LIFETIME))
  await welcome(client, node, account, session)
  return token
}

/** Prolongs a session that is used. */
export async function renew(session: string, node: Node): Promise<void> {
  await node.ask(node.engine.accounts.renewSession(session, node.now() + LIFETIME))
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
    if (account === undefined) client.end(CloseCode.badToken, 'you have logged out in another window')
    else if (account.nick !== before.nick || account.guest !== before.guest) client.become(account)
  }
}

/** The connection is this user's, unless he is banned: who is not let into the lobby is not let into the chat. */
export async function welcome(client: Client, node: Node, account: Account, session: string): Promise<void> {
  const guard = entranceGuard(LOBBY, account)
  const lobby = await node.ask(node.engine.room(LOBBY))
  const forbidden = findForbidden(guard, ({ key }) => lobby?.state.get(key), node.now())
  if (forbidden !== undefined) throw forbidden
  // A ban that this node hears of from here on ends the connection.
  node.check(guard)
  client.signIn(account, session)
}

/** Throws a {@link RequestError} for a nick that is none. */
export function checkNick(text: string): string {
  const nick = readNick(text)
  if (nick === undefined) throw new RequestError('bad_request', NICK_EXPECTED)
  return nick
}

/** Stores a new account. Rejects with a {@link RequestError} where its nick is another's. */
export async function createAccount(account: Account, node: Node): Promise<void> {
  if (!(await node.ask(node.engine.accounts.create(account)))) throw taken(account.nick)
}

/** Changes an account. Rejects as `createAccount` does. */
export async function updateAccount(account: Account, node: Node): Promise<void> {
  if (!(await node.ask(node.engine.accounts.update(account)))) throw taken(account.nick)
}

function taken(nick: string): RequestError {
  return new RequestError('exists', `${nick} is taken: choose another nick, or log in`)
}
