// Dispatches a message to its handler, and converts errors to replies.

import { setImmediate as nextTurn } from 'node:timers/promises'
import { CloseCode as Standard } from '@ws/server'
import type { JsonProblem } from '@ws/server/json'
import type { Client } from '../connections/client.ts'
import { Forbidden } from '../engine/engine.ts'
import type { Hub } from '../hub/hub.ts'
import { refusalFor } from '../policy/permissions.ts'
import { Departed, RequestError, replyTo } from '../policy/request-error.ts'
import { auth } from '../requests/auth.ts'
import type { Handled } from '../requests/handled.ts'
import { hello, ping } from '../requests/hello.ts'
import { moderate } from '../requests/moderate.ts'
import { notify } from '../requests/notification.ts'
import { history, search } from '../requests/read.ts'
import { join, leave, remove, rooms, who } from '../requests/rooms.ts'
import { write } from '../requests/write.ts'
import { CloseCode } from '../wire/constants.ts'
import type { ErrorReply, Notification, OkReply, Replies, Request } from '../wire/messages.ts'
import { explainIssues } from '../wire/request-schema.ts'

type Handler<T extends Request['t']> = (
  request: Extract<Request, { t: T }>,
  client: Client,
  hub: Hub,
) => Promise<Handled<T>>

const HANDLERS: { readonly [T in Request['t']]: Handler<T> } = {
  hello,
  join,
  leave,
  remove,
  send: write,
  edit: write,
  del: write,
  react: write,
  topic: write,
  history,
  search,
  auth,
  mod: moderate,
  who,
  rooms,
  ping,
}

/** Requests that are allowed before signing in. */
const FOR_ALL: ReadonlySet<string> = new Set(['hello', 'auth', 'ping'])

/**
 * Requests that read much or send much, with the bytes of the read allowance that each takes beside
 * its reply: for the work in the store. While nothing is left of the allowance they are refused.
 */
const READ_COSTS: Partial<Record<Request['t'], number>> = {
  hello: 8192,
  join: 32_768,
  history: 2048,
  search: 8192,
  who: 4096,
  rooms: 2048,
}

/**
 * Handles one message. Resolves when the next one may be handled. Rejects only for faults of the
 * server.
 */
export async function dispatch(message: Request | Notification, client: Client, hub: Hub): Promise<void> {
  // Messages of a closed connection are dropped.
  if (!client.isOpen) return
  if (message.t === 'read' || message.t === 'typing') await handleNotification(message, client, hub)
  else await handle(message, client, hub)
  // A client that requests more than it reads has to wait.
  await client.ready()
}

/**
 * Answers an invalid message, or closes the connection if no answer would help. Resolves as
 * `dispatch` does.
 */
export async function refuseInvalid(problem: JsonProblem, client: Client, hub: Hub): Promise<void> {
  if (!client.isOpen) return
  const reply = problem.kind === 'schema' ? explainIssues(problem.value, problem.issues) : undefined
  if (reply !== undefined) sayError(reply, client, hub)
  else if (problem.kind === 'binary') client.end(Standard.unsupportedData, 'a frame must be text')
  else client.end(CloseCode.badFrame, 'a frame must be a JSON object')
  await client.ready()
}

async function handle(request: Request, client: Client, hub: Hub): Promise<void> {
  try {
    checkSignedIn(request, client)
    await beginReading(request, client)
    // The table has for each request the function that takes it.
    const handler = HANDLERS[request.t] as Handler<Request['t']>
    const handled = await handler(request as never, client, hub)
    if (handled.reply instanceof Promise) reply(request, handled, client, hub)
    else answer(request, handled, handled.reply, client)
  } catch (error) {
    refuse(request, error, client, hub)
  }
}

/**
 * Takes the cost of a request that reads. Lets others be served first, and the end of this
 * connection be seen.
 */
async function beginReading({ t }: Request, client: Client): Promise<void> {
  const cost = READ_COSTS[t]
  if (cost === undefined) return
  client.spendRead(cost)
  await nextTurn()
  client.checkOpen()
}

/** Replies when it is done; the next request does not wait for that. */
function reply(request: Request, handled: Handled<keyof Replies>, client: Client, hub: Hub): void {
  Promise.resolve(handled.reply).then(
    done => answer(request, handled, done, client),
    error => refuse(request, error, client, hub),
  )
}

function answer(
  { id, t }: Request,
  { after }: Handled<keyof Replies>,
  done: Replies[keyof Replies],
  client: Client,
): void {
  client.say({ t: 'ok', id, ...done } as OkReply, t in READ_COSTS ? client.replies : undefined)
  after?.()
}

function refuse({ id, t }: Request, thrown: unknown, client: Client, hub: Hub): void {
  if (thrown instanceof Departed) return
  const error = thrown instanceof Forbidden ? refusalFor(thrown, hub.now()) : thrown
  const reply = replyTo(id, error)
  if (reply === undefined) {
    hub.counts.add('failures')
    hub.log('error', 'request-failed', { conn: client.id, request: t, error: stackOf(error) })
    client.end(Standard.internalError, 'internal server error')
    return
  }
  sayError(reply, client, hub)
  if (error instanceof RequestError && error.close !== undefined) client.end(error.close, error.message)
}

function sayError(reply: ErrorReply, client: Client, hub: Hub): void {
  hub.counts.add(`error_${reply.code}`)
  client.say(reply)
}

function checkSignedIn({ t }: Request, client: Client): void {
  if (t !== 'hello' && !client.isGreeted) throw new RequestError('unauthorized', 'send hello first')
  if (client.user === undefined && !FOR_ALL.has(t)) throw new RequestError('unauthorized', 'sign in first')
}

async function handleNotification(message: Notification, client: Client, hub: Hub): Promise<void> {
  try {
    await notify(message, client, hub)
  } catch (error) {
    hub.log('debug', 'notification-failed', { conn: client.id, error: String(error) })
  }
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
