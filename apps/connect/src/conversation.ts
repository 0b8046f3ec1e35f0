// Connects, sends the lines of the input, and prints what is received, until either side ends.

import { setTimeout as sleep } from 'node:timers/promises'
import { type ClientSocket, type ConnectOptions, connect, reconnecting } from '@ws/client'
import { permessageDeflate } from '@ws/deflate'
import { logFrames } from './frame-log.ts'
import type { Options } from './options.ts'
import type { Terminal } from './terminal.ts'

type CloseInfo = Awaited<ClientSocket['closed']>

/** Lines to send. A pending `next` is kept for the next socket. */
export class Lines {
  readonly #iterator: AsyncIterator<string>
  #pending: Promise<IteratorResult<string>> | undefined

  constructor(lines: AsyncIterable<string>) {
    this.#iterator = lines[Symbol.asyncIterator]()
  }

  /** The next line, or undefined if the socket closes first; `end` after the last one. */
  async next(socket: ClientSocket): Promise<{ readonly line: string } | 'end' | undefined> {
    this.#pending ??= this.#iterator.next()
    const result = await Promise.race([this.#pending, socket.closed])
    if (!('value' in result)) return undefined
    this.#pending = undefined
    return result.done ? 'end' : { line: result.value }
  }
}

/**
 * Talks to the server until the end of the lines, of the connection, or until the signal is aborted.
 * Resolves with the last close report, or undefined without a connection. Rejects as `connect` does.
 */
export async function converse(
  options: Options,
  terminal: Terminal,
  lines: Lines,
  signal: AbortSignal,
): Promise<CloseInfo | undefined> {
  let report: CloseInfo | undefined
  for await (const socket of socketsOf(options, terminal, signal)) {
    const protocol = socket.protocol === '' ? '' : ` (${socket.protocol})`
    terminal.note(`connected${protocol}`, 'green')
    const stopPings = startPings(socket, options)
    await sendLines(socket, lines, options, terminal)
    report = await socket.closed
    stopPings()
    terminal.note(`closed: ${report.code} ${report.reason}`.trimEnd(), report.wasClean ? 'dim' : 'yellow')
  }
  return report
}

async function* socketsOf(
  options: Options,
  terminal: Terminal,
  signal: AbortSignal,
): AsyncGenerator<ClientSocket, void> {
  const given = { ...connectOptions(options, terminal), signal }
  if (options.reconnect) {
    yield* reconnecting(options.url, {
      ...given,
      retry(cause, { delay }) {
        if (cause instanceof Error) terminal.note(cause.message, 'red')
        if (delay !== false) terminal.note(`connecting again in ${(delay / 1000).toFixed(1)} s`)
        return delay
      },
    })
    return
  }
  const socket = await connect(options.url, given)
  const close = (): void => socket.close(1000)
  signal.addEventListener('abort', close)
  if (signal.aborted) close()
  yield socket
  signal.removeEventListener('abort', close)
}

function connectOptions(options: Options, terminal: Terminal): ConnectOptions {
  const { headers, origin, subprotocols, proxy, deflate, frames, verify } = options
  return {
    headers: headers.map(([name, value]): [string, string] => [name, value]),
    protocols: subprotocols,
    extensions: deflate ? [permessageDeflate()] : [],
    ...(origin !== undefined && { origin }),
    ...(proxy !== undefined && { proxy }),
    ...(!verify && { tls: { rejectUnauthorized: false } }),
    ...(frames && { wrapTransport: transport => logFrames(transport, line => terminal.note(line)) }),
    // Where a line is as long as a message may be, the terminal is the limit.
    maxMessageSize: 64 * 2 ** 20,
    message: (_, data) => terminal.message(data),
    pong: (socket, payload) => {
      if (Buffer.from(payload).toString('latin1') === END) ends.get(socket)?.()
      else showPong(payload, options, terminal)
    },
  }
}

async function sendLines(
  socket: ClientSocket,
  lines: Lines,
  options: Options,
  terminal: Terminal,
): Promise<void> {
  for (;;) {
    const next = await lines.next(socket)
    if (next === undefined) return
    if (next === 'end') break
    const problem = options.json ? problemOfJson(next.line) : undefined
    if (problem === undefined) socket.send(next.line, { type: options.binary ? 'binary' : 'text' })
    else terminal.note(`not sent: ${problem}`, 'red')
    await socket.ready
  }
  await answered(socket)
  await Promise.race([sleep(options.wait, undefined, { ref: false }), socket.closed])
  socket.close(1000)
}

/** The payload of a ping whose pong follows the answers to all messages before it. */
const END = 'ws-connect end'
/** Milliseconds to wait for that pong. */
const END_TIMEOUT = 5000

/** Called by the pong of a socket's last ping. */
const ends = new WeakMap<object, () => void>()

/** Waits until the server has read all messages, because `close` drops the answers to them. */
async function answered(socket: ClientSocket): Promise<void> {
  const pong = new Promise<void>(resolve => ends.set(socket, resolve))
  socket.ping(Buffer.from(END))
  await Promise.race([pong, socket.closed, sleep(END_TIMEOUT, undefined, { ref: false })])
}

function problemOfJson(line: string): string | undefined {
  try {
    JSON.parse(line)
    return undefined
  } catch (error) {
    return (error as Error).message
  }
}

/** The payload of a ping of ours is its time in milliseconds behind this word. */
const PING = 'ws-connect '

function startPings(socket: ClientSocket, { ping }: Options): () => void {
  if (ping === undefined) return () => {}
  const timer = setInterval(() => socket.ping(Buffer.from(`${PING}${performance.now()}`)), ping)
  return () => clearInterval(timer)
}

function showPong(payload: Uint8Array, { ping }: Options, terminal: Terminal): void {
  const text = Buffer.from(payload).toString('latin1')
  const sent = Number(text.slice(PING.length))
  if (ping === undefined || !text.startsWith(PING) || !(sent <= performance.now())) return
  terminal.note(`pong after ${(performance.now() - sent).toFixed(1)} ms`)
}
