// The tester as a server: the paths that drivers of clients use.

import { createServer, type Server, type Socket } from 'node:net'
import { type Case, type ExchangeCase, type HandshakeCase, isHandshake } from '@ws/conformance-cases'
import {
  accept,
  computeAccept,
  formatResponse,
  type RequestHead,
  RequestParser,
  reject,
  type ValidRequest,
  validateRequest,
} from '@ws/handshake'
import { bytesOf } from '../engine/bytes.ts'
import { after } from '../engine/clock.ts'
import { runExchange } from '../engine/exchange.ts'
import { formatHead } from '../engine/handshake-head.ts'
import { answerOffers } from '../engine/negotiation.ts'
import { createTraffic, NEVER_OPEN, type Outcome } from '../engine/outcome.ts'
import { judge, judgeHandshake } from '../engine/verdict.ts'
import { WireLog } from '../engine/wire-log.ts'
import type { CaseResult } from '../result.ts'
import { obeyCommands } from './command-mode.ts'
import { converse } from './conversation.ts'

/** What the owner of the server does. */
export interface CaseServerOptions {
  readonly list: readonly Case[]
  /** Milliseconds without progress after which a case ends. */
  readonly patience: number
  readonly onResult: (agent: string, result: CaseResult, done: number) => void
  /** A driver asks for the reports of an agent. */
  readonly onUpdate: (agent: string) => Promise<void>
  /** A driver asks for the end of the process. */
  readonly onStop: () => void
}

/** Milliseconds in which a client must reject a response. */
const REJECT_TIMEOUT = 1000
/** Milliseconds for the head of a request. */
const HEAD_TIMEOUT = 10_000

/** The results of one client. */
class AgentRun {
  readonly results = new Map<string, CaseResult>()
  readonly #waiting = new Map<string, PromiseWithResolvers<CaseResult>>()

  /** The result of a case, as soon as there is one. */
  whenFinished(id: string): Promise<CaseResult> {
    return this.#slot(id).promise
  }

  finish(result: CaseResult): void {
    const { id } = result.case
    this.results.set(id, result)
    this.#slot(id).resolve(result)
    // A case may be run again: the next result replaces this one.
    this.#waiting.set(id, Promise.withResolvers())
    this.#waiting.get(id)!.resolve(result)
  }

  #slot(id: string): PromiseWithResolvers<CaseResult> {
    const slot = this.#waiting.get(id) ?? Promise.withResolvers<CaseResult>()
    this.#waiting.set(id, slot)
    return slot
  }
}

/** A handshake of a driver: the socket, the request, and octets after it. */
interface Incoming {
  readonly socket: Socket
  readonly head: RequestHead
  readonly text: string
  readonly request: ValidRequest
  readonly rest: Uint8Array
}

/** Serves the cases to clients. */
export class CaseServer {
  readonly #options: CaseServerOptions
  readonly #agents = new Map<string, AgentRun>()
  readonly #sockets = new Set<Socket>()
  readonly #server: Server

  constructor(options: CaseServerOptions) {
    this.#options = options
    this.#server = createServer({ noDelay: true }, socket => this.#receive(socket))
  }

  /** Resolves with the port. Rejects if the address is in use or not this machine's. */
  listen(port: number, host: string): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen(port, host, () => {
        const address = this.#server.address()
        resolve(typeof address === 'object' && address !== null ? address.port : port)
      })
    })
  }

  /** Ends all connections. */
  async close(): Promise<void> {
    const closed = new Promise(resolve => this.#server.close(resolve))
    for (const socket of this.#sockets) socket.destroy()
    await closed
  }

  /** The results of each client, in the order of the cases. */
  results(): Map<string, CaseResult[]> {
    const sorted = (run: AgentRun) => [...run.results.values()].sort((a, b) => a.number - b.number)
    return new Map([...this.#agents].map(([agent, run]) => [agent, sorted(run)]))
  }

  #agent(name: string): AgentRun {
    const run = this.#agents.get(name) ?? new AgentRun()
    this.#agents.set(name, run)
    return run
  }

  #receive(socket: Socket): void {
    this.#sockets.add(socket)
    socket.on('error', () => undefined)
    socket.on('close', () => this.#sockets.delete(socket))
    socket.setTimeout(HEAD_TIMEOUT, () => socket.destroy())
    const parser = new RequestParser()
    const chunks: Uint8Array[] = []
    const read = (chunk: Uint8Array) => {
      chunks.push(chunk)
      const parsed = parser.push(chunk)
      if (parsed === undefined) return
      socket.off('data', read)
      socket.setTimeout(0)
      const result = parsed.ok ? validateRequest(parsed.head, { origin: 'any' }) : parsed
      if (!parsed.ok || !result.ok) return void socket.end(formatResponse(result as never))
      const text = Buffer.concat(chunks).toString('latin1').split('\r\n\r\n', 1)[0]!
      this.#route({ socket, head: parsed.head, text, request: result, rest: parsed.rest })
    }
    socket.on('data', read)
  }

  #route(incoming: Incoming): void {
    const { path, search } = incoming.request
    const query = new URLSearchParams(search)
    const agent = query.get('agent')
    if (path === '/runCase') this.#runCase(incoming, this.#find(query), agent)
    else if (path === '/getCaseCount') answer(incoming, String(this.#options.list.length))
    else if (path === '/getCaseStatus') void this.#tellStatus(incoming, this.#find(query), agent)
    else if (path === '/getCaseInfo') this.#tellInfo(incoming, this.#find(query))
    else if (path === '/updateReports') void this.#update(incoming, agent, query)
    else if (path === '/stopServer') this.#stop(incoming)
    else open(incoming, ({ socket, rest }) => obeyCommands(socket, rest))
  }

  /** The case that a query names, with its number. */
  #find(query: URLSearchParams): readonly [number, Case] | undefined {
    const { list } = this.#options
    const number = query.get('case')
    const index =
      number === null
        ? list.findIndex(({ id }) => id === query.get('casetuple'))
        : /^\d+$/.test(number)
          ? Number(number) - 1
          : -1
    const found = list[index]
    return found && [index + 1, found]
  }

  #runCase(incoming: Incoming, found: readonly [number, Case] | undefined, agent: string | null): void {
    if (found === undefined || agent === null) {
      refuse(incoming, 'expected case (a number) or casetuple (an id), and agent')
      return
    }
    const [number, each] = found
    const run = isHandshake(each) ? runHandshake(each, incoming) : this.#runExchange(each, incoming)
    void run.then(outcome => {
      const verdict = isHandshake(each) ? judgeHandshake(each, outcome) : judge(each, outcome, 'server')
      const result: CaseResult = { case: each, number, peer: 'client', verdict, outcome }
      const agentRun = this.#agent(agent)
      agentRun.finish(result)
      this.#options.onResult(agent, result, agentRun.results.size)
    })
  }

  async #runExchange(each: ExchangeCase, { socket, text, request, rest }: Incoming): Promise<Outcome> {
    const started = new Date()
    const clock = performance.now()
    const log = new WireLog()
    const traffic = createTraffic()
    const answered = each.connect.deflate && answerOffers(each.connect.deflate, request.extensions)
    const response = formatResponse(
      accept(request, {
        ...(answered ? { extensions: [answered.extension] } : {}),
        headers: [['Server', 'ws-conformance']],
      }),
    )
    traffic.preopenIncoming = text.length + 4
    traffic.preopenOutgoing = response.length
    log.written(Buffer.from(response), false)
    socket.write(response)
    const exchange = await runExchange({
      case: each,
      role: 'server',
      socket,
      agreement: answered?.agreement,
      first: rest,
      log,
      traffic,
      patience: this.#options.patience,
    })
    return {
      ...exchange,
      request: text,
      response: response.trimEnd(),
      opened: true,
      openTimeout: false,
      compressed: answered != null,
      started,
      duration: Math.round(performance.now() - clock),
      traffic,
      log,
    }
  }

  async #tellStatus(
    incoming: Incoming,
    found: readonly [number, Case] | undefined,
    agent: string | null,
  ): Promise<void> {
    if (found === undefined || agent === null) return refuse(incoming, 'expected case and agent')
    const { verdict } = await this.#agent(agent).whenFinished(found[1].id)
    answer(incoming, JSON.stringify({ behavior: verdict.behavior }))
  }

  #tellInfo(incoming: Incoming, found: readonly [number, Case] | undefined): void {
    if (found === undefined) {
      refuse(incoming, 'expected case (a number) or casetuple (an id)')
      return
    }
    const { id, title, requirement } = found[1]
    answer(incoming, JSON.stringify({ id, description: `${title}. ${requirement}` }))
  }

  async #update(incoming: Incoming, agent: string | null, query: URLSearchParams): Promise<void> {
    if (agent === null) return refuse(incoming, 'expected agent')
    await this.#options.onUpdate(agent)
    answer(incoming)
    if (['true', 'yes'].includes(query.get('shutdownOnComplete') ?? '')) {
      incoming.socket.on('close', () => this.#options.onStop())
    }
  }

  #stop(incoming: Incoming): void {
    answer(incoming)
    incoming.socket.on('close', () => this.#options.onStop())
  }
}

/** Accepts the connection and passes it on. */
function open(incoming: Incoming, use: (incoming: Incoming) => void): void {
  incoming.socket.write(formatResponse(accept(incoming.request, { headers: [['Server', 'ws-conformance']] })))
  use(incoming)
}

/** Accepts the connection, sends a text, and closes. */
function answer(incoming: Incoming, text?: string): void {
  open(incoming, ({ socket, rest }) => {
    const conversation = converse(socket, rest)
    if (text !== undefined) conversation.send(text)
    conversation.close()
  })
}

function refuse({ socket }: Incoming, body: string): void {
  socket.end(formatResponse(reject(500, body)))
}

/** Sends a response that is not what it should be, and waits for the client to reject it. */
async function runHandshake(
  each: HandshakeCase,
  { socket, text, request, head }: Incoming,
): Promise<Outcome> {
  const started = new Date()
  const clock = performance.now()
  const log = new WireLog()
  const values = { host: request.host, path: head.url, key: request.key, accept: computeAccept(request.key) }
  const response = formatHead(each, values)
  const body = each.body === undefined ? new Uint8Array(0) : bytesOf(each.body)
  const octets = Buffer.concat([Buffer.from(response, 'latin1'), body])
  log.written(octets, false)
  socket.write(octets)
  const used = await isUsed(socket)
  socket.destroy()
  return {
    ...NEVER_OPEN,
    request: text,
    response: response.trimEnd(),
    opened: used,
    openTimeout: false,
    compressed: false,
    started,
    duration: Math.round(performance.now() - clock),
    traffic: createTraffic(),
    log,
  }
}

/** Whether a client keeps the connection after the response. */
function isUsed(socket: Socket): Promise<boolean> {
  return new Promise(resolve => {
    const cancel = after(REJECT_TIMEOUT, () => resolve(true))
    const end = () => {
      cancel()
      resolve(false)
    }
    socket.on('end', end)
    socket.on('close', end)
    socket.resume()
  })
}
