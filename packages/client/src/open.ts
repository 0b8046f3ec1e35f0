// Opens one socket: dials, performs the opening handshake, follows redirects.

import { Duplex } from 'node:stream'
import { isClosed } from '@ws/connection'
import { Attempt } from './attempt.ts'
import { dial } from './dialing/dial.ts'
import { anonymousTls, type TlsSessions } from './dialing/tls.ts'
import { HandshakeError } from './errors.ts'
import { type OpenAnswer, type OtherAnswer, performHandshake } from './handshake/opening-handshake.ts'
import { isRedirect, redirectTarget } from './handshake/redirect.ts'
import { handshakeChannel } from './handshake-channel.ts'
import { publicHeaders } from './http/fields.ts'
import { readResponse } from './http/response.ts'
import { openClientSocket } from './open-client-socket.ts'
import type { ClientSettings, ClientSocket } from './options/client-options.ts'
import type { OpenedSocket } from './reconnect.ts'
import type { Target } from './target.ts'

interface Opened {
  readonly target: Target
  readonly transport: Duplex
  readonly answer: OpenAnswer
}

/**
 * Opens a socket. Rejects with a `ConnectError`, a `HandshakeError`, or the reason of the signal;
 * everything that it had opened is then released.
 */
export async function open(
  target: Target,
  settings: ClientSettings,
  sessions?: TlsSessions,
): Promise<OpenedSocket<ClientSocket>> {
  const start = performance.now()
  const attempt = new Attempt(settings.handshakeTimeout, settings.signal)
  const report = (outcome: { readonly socket?: ClientSocket; readonly error?: unknown }): void => {
    if (!handshakeChannel.hasSubscribers) return
    const url = `${target.origin}${target.path}`
    handshakeChannel.publish({
      url,
      socket: undefined,
      error: undefined,
      ...outcome,
      duration: performance.now() - start,
    })
  }
  try {
    const opened = await followRedirects(target, settings, attempt, sessions)
    attempt.signal.throwIfAborted()
    if (isClosed(opened.transport)) throw closedError(opened)
    attempt.succeed()
    const { transport, answer } = opened
    const result = openClientSocket(transport, opened.target, answer, settings)
    report({ socket: result.socket })
    return result
  } catch (cause) {
    attempt.fail()
    const error = reasonOf(cause, attempt)
    report({ error })
    throw error
  }
}

/**
 * What the attempt failed for. An answer that has arrived counts even if its body was cut short by
 * the deadline.
 */
function reasonOf(error: unknown, attempt: Attempt): unknown {
  const isAnswered = error instanceof HandshakeError && error.response !== undefined
  return attempt.signal.aborted && (attempt.isCanceled || !isAnswered) ? attempt.signal.reason : error
}

async function followRedirects(
  first: Target,
  given: ClientSettings,
  attempt: Attempt,
  sessions: TlsSessions | undefined,
): Promise<Opened> {
  let target = first
  let settings = given
  for (let redirects = 0; ; redirects++) {
    const transport = wrap(await dial(target, settings, attempt, sessions), settings, attempt)
    const answer = await performHandshake(transport, target, settings, attempt)
    if (answer.isOpen) return { target, transport, answer }
    const next = await nextTarget(answer, target, redirects, settings.maxRedirects)
    transport.destroy()
    if (next.origin !== target.origin) settings = withoutCredentials(settings)
    target = next
  }
}

/** The settings for another server than that for which they were given. */
function withoutCredentials(settings: ClientSettings): ClientSettings {
  return { ...settings, headers: publicHeaders(settings.headers), tls: anonymousTls(settings.tls) }
}

function wrap(transport: Duplex, { wrapTransport }: ClientSettings, attempt: Attempt): Duplex {
  if (wrapTransport === undefined) return transport
  const wrapped = wrapTransport(transport)
  if (!(wrapped instanceof Duplex)) throw new TypeError('wrapTransport must return a stream.Duplex')
  return attempt.own(wrapped)
}

/** Where a redirect leads. Rejects with a `HandshakeError` for any other answer. */
async function nextTarget(
  answer: OtherAnswer,
  target: Target,
  redirects: number,
  maxRedirects: number,
): Promise<Target> {
  const { head } = answer
  const status = `${target.origin} answered ${head.status} ${head.reason}`.trimEnd()
  if (!isRedirect(head) || maxRedirects === 0) throw await rejection(answer, 'ERR_WS_REJECTED', status)
  if (redirects >= maxRedirects) {
    const message = `${status}: more than ${maxRedirects} redirects`
    throw await rejection(answer, 'ERR_WS_TOO_MANY_REDIRECTS', message)
  }
  const next = redirectTarget(head, target)
  if (typeof next !== 'string') return next
  throw await rejection(answer, 'ERR_WS_INVALID_REDIRECT', `${status}: ${next}`)
}

async function rejection(
  { head, reader }: OtherAnswer,
  code: string,
  message: string,
): Promise<HandshakeError> {
  return new HandshakeError(message, { code, response: await readResponse(head, reader) })
}

function closedError({ target, transport }: Opened): HandshakeError {
  return new HandshakeError(`${target.origin} ended the connection with its answer`, {
    code: 'ERR_WS_NO_RESPONSE',
    cause: transport.errored ?? undefined,
  })
}
