// auth: to register, to log in and out, to be called otherwise.

import { hashPassword, verifyPassword } from '../../accounts/password.ts'
import { makeId } from '../../accounts/token.ts'
import { nickKey } from '../../engine/nick-key.ts'
import { MIN_PASSWORD } from '../../wire/constants.ts'
import type { AuthRequest, Replies } from '../../wire/messages.ts'
import { takeAttempt } from '../attempts.ts'
import type { Client } from '../client.ts'
import type { Node } from '../node.ts'
import { RequestError } from '../request-error.ts'
import type { Handled } from './handled.ts'
import { announce, checkNick, createAccount, openSession, updateAccount } from './sessions.ts'

type Operation = (request: AuthRequest, client: Client, node: Node) => Promise<Replies['auth']>

const OPERATIONS: { readonly [Op in AuthRequest['op']]: Operation } = { register, login, logout, nick }

export async function auth(request: AuthRequest, client: Client, node: Node): Promise<Handled<'auth'>> {
  const reply = await OPERATIONS[request.op](request, client, node)
  node.log('info', request.op, { conn: client.id, user: client.user?.id })
  return { reply }
}

/** A guest stays who he is; nobody becomes somebody. */
async function register(request: AuthRequest, client: Client, node: Node): Promise<Replies['auth']> {
  const { account } = client
  if (account?.guest === false) throw new RequestError('bad_request', 'you are registered already')
  const called = request.nick ?? account?.nick
  if (called === undefined) throw new RequestError('bad_request', 'nick is needed for register')
  const name = checkNick(called)
  const password = request.password!
  if (password.length < MIN_PASSWORD)
    throw new RequestError('bad_request', `password must have at least ${MIN_PASSWORD} characters`)
  await checkAttempts(name, client, node)
  const registered = { nick: name, guest: false, password: await hashPassword(password) }
  if (account === undefined) {
    const made = { id: makeId(), ...registered }
    await createAccount(made, node)
    return signedIn(client, await openSession(made, client, node))
  }
  const changed = { id: account.id, ...registered }
  await updateAccount(changed, node)
  client.become(changed)
  announce(account.id, node)
  return signedIn(client)
}

async function login(request: AuthRequest, client: Client, node: Node): Promise<Replies['auth']> {
  const called = request.nick!
  await checkAttempts(called, client, node)
  const account = await node.ask(node.engine.accounts.byNick(called.normalize('NFC').trim()))
  const isRight = await verifyPassword(request.password!, account?.password)
  if (account === undefined || !isRight) throw new RequestError('unauthorized', 'nick or password is wrong')
  const before = { account: client.account, session: client.session }
  const token = await openSession(account, client, node)
  // Nobody has a use for a guest any more who has become somebody else.
  if (before.account?.guest && before.session !== undefined)
    await node.ask(node.engine.accounts.closeSession(before.session))
  return signedIn(client, token)
}

/** Ends the session, in all windows that it is open in. */
async function logout(_request: AuthRequest, client: Client, node: Node): Promise<Replies['auth']> {
  const { account, session } = client
  if (account === undefined || session === undefined)
    throw new RequestError('unauthorized', 'nobody is signed in')
  await node.ask(node.engine.accounts.closeSession(session))
  client.signOut()
  announce(account.id, node)
  return {}
}

async function nick(request: AuthRequest, client: Client, node: Node): Promise<Replies['auth']> {
  const { account, user } = client
  if (account === undefined) throw new RequestError('unauthorized', 'nobody is signed in')
  // Admins are known by their nick: nobody else shall find it free.
  if (user?.admin) throw new RequestError('forbidden', 'the nick of an admin cannot be changed')
  client.spendWrite()
  const changed = { ...account, nick: checkNick(request.nick!) }
  await updateAccount(changed, node)
  client.become(changed)
  announce(account.id, node)
  return signedIn(client)
}

function signedIn({ user }: Client, token?: string): Replies['auth'] {
  return { ...(user && { user }), ...(token !== undefined && { token }) }
}

async function checkAttempts(called: string, client: Client, node: Node): Promise<void> {
  const retry = await takeAttempt(client.addressGroup, nickKey(called), node)
  if (retry > 0) throw new RequestError('rate_limited', `too many attempts: wait ${retry} ms`, { retry })
}
