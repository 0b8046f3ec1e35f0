// The tester as a client: opens a connection and runs one case on it.

import { once } from 'node:events'
import type { Socket } from 'node:net'
import type { ExchangeCase, HandshakeCase } from '@ws/conformance-cases'
import {
  computeAccept,
  createKey,
  createRequest,
  formatRequest,
  ResponseParser,
  validateResponse,
} from '@ws/handshake'
import { bytesOf } from '../engine/bytes.ts'
import { after } from '../engine/clock.ts'
import type { Agreement } from '../engine/deflate-codec.ts'
import { runExchange } from '../engine/exchange.ts'
import { fieldOf, formatHead } from '../engine/handshake-head.ts'
import { offersOf, readAnswer } from '../engine/negotiation.ts'
import { createTraffic, NEVER_OPEN, type Outcome, type Traffic } from '../engine/outcome.ts'
import { excerptText, type WireEntry, WireLog } from '../engine/wire-log.ts'
import { WriteQueue } from '../engine/write-queue.ts'
import { hostOf, openTransport, pathOf, type Target } from './target.ts'

/** Milliseconds for TCP, TLS and the opening handshake. */
export const OPEN_TIMEOUT = 5000

/** How a case is run. */
export interface RunSettings {
  /** Milliseconds without progress after which a case ends. */
  readonly patience: number
  /** Octets of each write. Default: the frames of one turn are one write. */
  readonly chop?: number
  /** Gets each entry of the wire log when it is made. */
  readonly onEntry?: (entry: WireEntry) => void
}

/** What came of an opening handshake. */
interface Opening {
  readonly request: string
  readonly response: string
  readonly error?: string
  readonly timeout: boolean
  readonly agreement?: Agreement
  readonly first: Uint8Array
}

/** Runs a case against a server. Never rejects because of the server. */
export async function dialCase(each: ExchangeCase, target: Target, settings: RunSettings): Promise<Outcome> {
  const started = new Date()
  const clock = performance.now()
  const log = new WireLog(settings.onEntry)
  const traffic = createTraffic()
  const socket = openTransport(target)
  socket.on('error', () => undefined)
  const opening = await open(socket, each, target, log, traffic)
  const opened = opening.error === undefined
  if (!opened) socket.destroy()
  const { request, response, agreement, timeout, error, first } = opening
  const exchange = opened
    ? await runExchange({
        case: each,
        role: 'client',
        socket,
        agreement,
        first,
        log,
        traffic,
        patience: settings.patience,
        ...(settings.chop === undefined ? {} : { chop: settings.chop }),
      })
    : NEVER_OPEN
  return {
    ...exchange,
    request,
    response,
    opened,
    openTimeout: timeout,
    ...(error === undefined ? {} : { openError: error }),
    compressed: agreement !== undefined,
    started,
    duration: Math.round(performance.now() - clock),
    traffic,
    log,
  }
}

/**
 * Sends the head of a handshake case, in pieces of `chop` octets if given, and reads the response.
 * Never rejects.
 */
export async function dialHandshake(each: HandshakeCase, target: Target, chop?: number): Promise<Outcome> {
  const started = new Date()
  const clock = performance.now()
  const log = new WireLog()
  const traffic = createTraffic()
  const socket = openTransport(target)
  socket.on('error', () => undefined)
  const key = createKey()
  const values = { host: hostOf(target), path: pathOf(target), key, accept: computeAccept(key) }
  const request = formatHead(each, values)
  const body = each.body === undefined ? new Uint8Array(0) : bytesOf(each.body)
  const read = await readResponse(
    socket,
    Buffer.concat([Buffer.from(request, 'latin1'), body]),
    log,
    traffic,
    chop,
  )
  socket.destroy()
  const head = read.parsed?.head
  const accepts = head?.status === 101 && fieldOf(head.rawHeaders, 'sec-websocket-accept') === values.accept
  return {
    ...NEVER_OPEN,
    request,
    response: read.text,
    ...(head === undefined ? {} : { status: head.status, rawHeaders: head.rawHeaders }),
    opened: accepts,
    openTimeout: read.timeout,
    ...(read.error === undefined ? {} : { openError: read.error }),
    compressed: false,
    started,
    duration: Math.round(performance.now() - clock),
    traffic,
    log,
  }
}

async function open(
  socket: Socket,
  each: ExchangeCase,
  target: Target,
  log: WireLog,
  traffic: Traffic,
): Promise<Opening> {
  const request = createRequest({
    host: hostOf(target),
    target: pathOf(target),
    protocols: [...each.connect.subprotocols, ...target.subprotocols],
    extensions: each.connect.deflate === null ? [] : offersOf(each.connect.deflate),
    headers: target.headers,
  })
  const text = formatRequest(request)
  const refused = (error: string, response = '', timeout = false): Opening => ({
    request: text,
    response,
    error,
    timeout,
    first: new Uint8Array(0),
  })
  const read = await readResponse(socket, Buffer.from(text), log, traffic)
  if (read.parsed === undefined) return refused(read.error!, read.text, read.timeout)
  const { head, rest } = read.parsed
  const validation = validateResponse(head, request)
  if (!validation.ok) return refused(validation.error, read.text)
  const agreement = readAnswer(validation.extensions)
  if (typeof agreement === 'string') return refused(agreement, read.text)
  return {
    request: text,
    response: read.text,
    timeout: false,
    first: rest,
    ...(agreement === undefined ? {} : { agreement }),
  }
}

interface ReadResponse {
  readonly parsed?: { readonly head: ResponseHead; readonly rest: Uint8Array }
  readonly text: string
  readonly error?: string
  readonly timeout: boolean
}
type ResponseHead = Extract<ReturnType<ResponseParser['push']>, { ok: true }>['head']

/** Writes the request and reads the head of the response. */
async function readResponse(
  socket: Socket,
  octets: Uint8Array,
  log: WireLog,
  traffic: Traffic,
  chop?: number,
): Promise<ReadResponse> {
  const parser = new ResponseParser()
  const chunks: Uint8Array[] = []
  const text = () => Buffer.concat(chunks).toString('latin1').split('\r\n\r\n', 1)[0]!
  const stop = new AbortController()
  const cancel = after(OPEN_TIMEOUT, () => stop.abort())
  traffic.preopenOutgoing = octets.length
  new WriteQueue(socket, log, chop).write(octets)
  try {
    for (;;) {
      const chunk = await readChunk(socket, stop.signal)
      if (chunk === undefined)
        return { text: text(), error: 'the server ended TCP during the opening handshake', timeout: false }
      chunks.push(chunk)
      traffic.preopenIncoming += chunk.length
      log.read(chunk)
      const parsed = parser.push(chunk)
      if (parsed === undefined) continue
      if (!parsed.ok) return { text: text(), error: parsed.error, timeout: false }
      traffic.preopenIncoming -= parsed.rest.length
      return { text: text(), parsed, timeout: false }
    }
  } catch (cause) {
    if (!stop.signal.aborted) return { text: text(), error: (cause as Error).message, timeout: false }
    const [, got] = excerptText(Buffer.from(text(), 'latin1'))
    const error = `no response within ${OPEN_TIMEOUT / 1000} s${got === '' ? '' : `, only "${got.trim()}"`}`
    return { text: text(), error, timeout: true }
  } finally {
    cancel()
  }
}

/** The next chunk, or undefined at the end of TCP. The socket is paused in between. */
async function readChunk(socket: Socket, signal: AbortSignal): Promise<Uint8Array | undefined> {
  for (;;) {
    const chunk: Uint8Array | null = socket.read()
    if (chunk !== null) return chunk
    if (socket.readableEnded || socket.destroyed) {
      if (socket.errored) throw socket.errored
      return undefined
    }
    const stop = new AbortController()
    const any = AbortSignal.any([signal, stop.signal])
    try {
      await Promise.race(['readable', 'end', 'close'].map(name => once(socket, name, { signal: any })))
    } finally {
      stop.abort()
    }
  }
}
