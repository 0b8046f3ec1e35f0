// auth: to register, to sign in and out, and to change one's name.

import { normalizeName } from '../accounts/name.ts'
import { hashPassword, verifyPassword } from '../accounts/password.ts'
import { makeId } from '../accounts/token.ts'
import type { Client } from '../connections/client.ts'
import type { Account } from '../engine/engine.ts'
import type { Hub } from '../hub/hub.ts'
import { spendAccount, spendLogin, spendRename } from '../policy/rate-limits.ts'
import { RequestError } from '../policy/request-error.ts'
import { nameKey } from '../text/name-key.ts'
import { LOBBY, MIN_PASSWORD } from '../wire/constants.ts'
import type { AuthRequest, Replies } from '../wire/messages.ts'
import type { Handled } from './handled.ts'
import {
  announce,
  checkFree,
  checkName,
  createAccount,
  hasSignedInFromHere,
  logRename,
  openSession,
  registerGuest,
  rememberAddress,
  renameAccount,
} from './sessions.ts'

type Operation = (request: AuthRequest, client: Client, hub: Hub) => Promise<Replies['auth']>

const OPERATIONS: { readonly [Op in AuthRequest['op']]: Operation } = { register, login, logout, nick }

/** The events of the log. */
const EVENTS: { readonly [Op in AuthRequest['op']]: string } = {
  register: 'registered',
  login: 'signed-in',
  logout: 'signed-out',
  nick: 'renamed',
}

export async function auth(request: AuthRequest, client: Client, hub: Hub): Promise<Handled<'auth'>> {
  const reply = await OPERATIONS[request.op](request, client, hub)
  hub.log('info', EVENTS[request.op], { conn: client.id, user: client.user?.id })
  return { reply }
}

/** A guest keeps their id; a client that is not signed in gets a new account. */
async function register(request: AuthRequest, client: Client, hub: Hub): Promise<Replies['auth']> {
  const { account } = client
  if (account?.guest === false) throw new RequestError('bad_request', 'You already have an account.')
  const called = request.nick ?? account?.nick
  if (called === undefined) throw new RequestError('bad_request', 'nick is needed for register')
  // A guest of an earlier version may have a name that new users cannot have.
  const name = called === account?.nick ? called : checkName(called)
  const password = request.password!
  if (password.length < MIN_PASSWORD)
    throw new RequestError('bad_request', `password must have at least ${MIN_PASSWORD} characters`)
  await spendAccount(client, hub)
  await hub.addressBans.check(LOBBY, client)
  // Before a password is hashed for nothing.
  await checkFree(name, account?.id, hub)
  const stored = await hub.passwords.run(client.addressGroup, false, () => hashPassword(password))
  const registered = { id: account?.id ?? makeId(), nick: name, guest: false, password: stored }
  if (account === undefined) {
    await createAccount(registered, hub)
    await rememberAddress(registered, client, hub)
    return signedIn(client, await openSession(registered, client, hub))
  }
  const token = await registerGuest(registered, client, hub)
  await rememberAddress(registered, client, hub)
  return signedIn(client, token)
}

async function login(request: AuthRequest, client: Client, hub: Hub): Promise<Replies['auth']> {
  const name = normalizeName(request.nick!)
  const account = await hub.ask(hub.engine.accounts.byNick(name))
  const isKnown = account !== undefined && (await hasSignedInFromHere(account, client, hub))
  // The id of an account is the same for all spellings of its name.
  const key = account?.id ?? `nick ${nameKey(name)}`
  await spendLogin(key, isKnown, client, hub).catch(error => {
    if (error instanceof RequestError) logFailure('limit', account, client, hub)
    throw error
  })
  const isRight = await hub.passwords.run(
    client.addressGroup,
    isKnown,
    // The client may have left while it waited.
    async () => client.isOpen && verifyPassword(request.password!, account?.password),
  )
  if (account === undefined || !isRight) {
    if (client.isOpen) logFailure('password', account, client, hub)
    throw new RequestError('unauthorized', 'Wrong name or password.')
  }
  await rememberAddress(account, client, hub)
  const before = { account: client.account, session: client.session }
  const token = await openSession(account, client, hub)
  // Signing in as another user ends the previous session.
  if (before.account !== undefined && before.session !== undefined) {
    await hub.ask(hub.engine.accounts.closeSession(before.session))
    announce(before.account.id, hub)
  }
  return signedIn(client, token)
}

/**
 * Logs a failed sign-in for programs that block addresses (fail2ban): the address is the first
 * field, and nothing that the client chose is in the line.
 */
function logFailure(
  reason: 'password' | 'limit',
  account: Account | undefined,
  { id, address }: Client,
  hub: Hub,
): void {
  hub.log('warn', 'auth-failed', { address, reason, conn: id, user: account?.id })
}

/** Ends the session, in all windows that it is open in. */
async function logout(_request: AuthRequest, client: Client, hub: Hub): Promise<Replies['auth']> {
  const { account, session } = client
  if (account === undefined || session === undefined)
    throw new RequestError('unauthorized', "You're not signed in.")
  await hub.ask(hub.engine.accounts.closeSession(session))
  client.signOut()
  announce(account.id, hub)
  return {}
}

async function nick(request: AuthRequest, client: Client, hub: Hub): Promise<Replies['auth']> {
  const { account } = client
  if (account === undefined) throw new RequestError('unauthorized', "You're not signed in.")
  // Admins of a chat in memory are known by name: their names must not become available to others.
  if (!account.guest && hub.admins.has(nameKey(account.nick)))
    throw new RequestError('forbidden', "This name can't be changed, because --admin names it.")
  client.spendWrite()
  const changed = { ...account, nick: checkName(request.nick!) }
  if (changed.nick === account.nick) return signedIn(client)
  await checkFree(changed.nick, account.id, hub)
  await spendRename(client, hub)
  await renameAccount(changed, hub)
  client.become(changed)
  announce(account.id, hub)
  await logRename(account.nick, changed, hub)
  return signedIn(client)
}

function signedIn({ user }: Client, token?: string): Replies['auth'] {
  return { ...(user && { user }), ...(token !== undefined && { token }) }
}
