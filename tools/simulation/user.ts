// The user of the server: handlers that do what their connection's plan says, and calls from outside of them. Writes down what it
// is told and what it waits for.

import type {
  CloseInfo,
  MessageStream,
  RequireUpgrade,
  RouteOptions,
  Socket,
  Upgraded,
  UpgradeRequest,
  WebSocketServer,
} from '@ws/server'
import { type Gate, type Link, latin1 } from './link.ts'
import type { Act, Call, Kind } from './schedule.ts'
import { createSource, SteppedSource } from './sources.ts'

/** An error that a handler throws because it is to. */
export class Planned extends Error {}

/** Who writes down what happens. */
export interface Witness {
  readonly links: readonly Link[]
  readonly server: WebSocketServer<unknown>
  note(event: string): void
  /** Whether the server has been asked to close, which gives handlers only so much time. */
  readonly closing: 'no' | 'asked' | 'done'
  /** Something happened that must not. */
  fault(what: string): void
  /** The server is asked to close. */
  closeServer(timeout: number, batch: number): void
}

/** More calls of one connection's `drain` than this do nothing, lest a user goes round in a circle. */
const MOST_DRAINS = 4

/** The user. */
export class User {
  readonly #witness: Witness
  /** How often each error of a handler's was reported. */
  readonly reports: Map<Planned, number> = new Map()

  constructor(witness: Witness) {
    this.#witness = witness
  }

  // ── handlers ──────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** The handlers of the sockets of a kind. */
  handlers(kind: Kind): RouteOptions<Link> & RequireUpgrade<Link> {
    const ends: RouteOptions<Link> & RequireUpgrade<Link> = {
      upgrade: request => this.#upgrade(request),
      drain: socket => this.#drain(socket.data),
      close: (socket, report) => this.#close(socket.data, report),
    }
    if (kind === 'loop') return { ...ends, session: socket => this.#loop(socket) }
    if (kind === 'streams') return { ...ends, session: socket => this.#streams(socket) }
    const open = (socket: Socket<Link>) => this.#open(socket)
    if (kind === 'pieces')
      return { ...ends, open, stream: (socket, message) => this.#stream(socket.data, message) }
    return { ...ends, open, message: (socket, data) => this.#message(socket.data, data) }
  }

  /** The server's `error`. */
  reported(error: unknown): void {
    if (!(error instanceof Planned)) {
      this.#witness.fault(`an error was reported that nobody threw: ${String(error)}`)
      return
    }
    this.#witness.note(`error ${error.message}`)
    this.reports.set(error, (this.reports.get(error) ?? 0) + 1)
  }

  #upgrade(request: UpgradeRequest): Upgraded<Link> | Response | Promise<Upgraded<Link>> {
    const link = this.#witness.links[Number(request.search.slice(1))]!
    this.#witness.note(`#${link.index} upgrade`)
    const accepted = { data: link }
    switch (link.connect.answer) {
      case 'at once':
        return accepted
      case 'no':
        return new Response('no', { status: 403 })
      case 'throw':
        throw this.#planned(link)
      case 'never':
        return new Promise(() => {})
      case 'later':
        return this.#gate(link).then(() => accepted)
    }
  }

  #open(socket: Socket<Link>): void | Promise<void> {
    const link = socket.data
    this.#opened(socket)
    if (!link.isBystander) return this.#hold(link, this.#act(link, link.nextAct()))
  }

  #message(link: Link, data: string | Uint8Array): void | Promise<void> {
    this.#tell(link, data)
    if (link.busy > 0) this.#witness.fault(`#${link.index} was told a message while a handler was at work`)
    if (link.isBystander) link.socket!.send(data)
    else return this.#hold(link, this.#act(link, link.nextAct()))
  }

  async #stream(link: Link, message: MessageStream): Promise<void> {
    if (link.busy++ > 0) this.#witness.fault(`#${link.index} was given a message while a handler was at work`)
    if (link.report !== undefined)
      this.#witness.fault(`#${link.index} was given a message after its close report`)
    this.#witness.note(`#${link.index} a ${message.type} in pieces`)
    try {
      const act = link.nextAct()
      for (const call of act.calls) this.call(link, call)
      if (act.outcome === 'throw') throw this.#failed(link)
      if (act.outcome === 'hold') await this.#gate(link)
      if (act.outcome === 'never') await new Promise(() => {})
      if (act.outcome === 'resolve') return
      const whole = await this.#readPieces(message, act.outcome === 'leave')
      if (whole !== undefined) this.#tell(link, whole)
      if (act.outcome === 'reject') throw this.#failed(link)
    } finally {
      link.busy--
    }
  }

  async #readPieces(message: MessageStream, leaves: boolean): Promise<string | undefined> {
    let whole = ''
    for await (const piece of message) {
      if (leaves) return undefined
      whole += latin1(piece)
    }
    return whole
  }

  async #loop(socket: Socket<Link>): Promise<void> {
    const link = socket.data
    this.#opened(socket)
    try {
      await this.#act(link, link.nextAct())
      for await (const data of socket) {
        this.#tell(link, data)
        const act = link.nextAct()
        if (act.outcome === 'leave') {
          // Leaving the loop drops the remaining messages, and may report the close at once.
          link.left = true
          break
        }
        await this.#act(link, act)
      }
      link.left = true
      const act = link.nextAct()
      // Something to do behind the loop, for which a server that closes waits.
      if (act.outcome === 'hold') await this.#gate(link)
    } finally {
      link.left = true
    }
  }

  async #streams(socket: Socket<Link>): Promise<void> {
    const link = socket.data
    this.#opened(socket)
    const { readable, writable } = socket.streams()
    link.ends = { reader: readable.getReader(), writer: writable.getWriter() }
    link.ends.reader.closed.catch(() => {})
    link.ends.writer.closed.catch(() => {})
    link.ends.writer.ready.catch(() => {})
    const { calls, outcome } = link.nextAct()
    for (const call of calls) this.call(link, call)
    if (outcome === 'leave') return
    if (outcome === 'throw' || outcome === 'reject') throw this.#failed(link)
    await this.#gate(link)
  }

  /** Some return a promise, which nobody waits for; that of a rejection is looked after all the same. */
  #drain(link: Link): unknown {
    this.#witness.note(`#${link.index} drain`)
    if (link.report !== undefined)
      this.#witness.fault(`#${link.index} was told of room after its close report`)
    if (link.drains++ < MOST_DRAINS) return this.#act(link, link.connect.onDrain)
    return undefined
  }

  #close(link: Link, report: CloseInfo): unknown {
    const { code, by, wasClean } = report
    this.#witness.note(`#${link.index} close ${code} by ${by}${wasClean ? ' clean' : ''}`)
    if (link.socket === undefined) this.#witness.fault(`#${link.index} closed and had not opened`)
    if (link.report !== undefined) this.#witness.fault(`#${link.index} was reported closed a second time`)
    link.report = report
    this.#checkAllTold(link, report)
    const { calls, outcome } = link.connect.onClose
    for (const call of calls) this.call(link, call)
    if (outcome === 'throw') throw this.#planned(link)
    return outcome === 'reject' ? Promise.reject(this.#planned(link)) : undefined
  }

  /** Before its Close, or before what was illegal, the peer sent these messages: none may be missing. */
  #checkAllTold(link: Link, { by, cause }: CloseInfo): void {
    const { destroyed, errored } = link.wire
    // Torn down from here, because it did not read, for example, or all of them buffered too much.
    const isGivenUp = (destroyed && errored === null) || cause?.code === 'ERR_WS_MEMORY_LIMIT'
    if (link.drops || isGivenUp || this.#witness.closing !== 'no') return
    const { kind } = link.connect
    const brokeLaw =
      cause instanceof Error && cause.name === 'ProtocolError' && !cause.message.includes('complete')
    if ((by !== 'peer' && !brokeLaw) || (kind !== 'messages' && !(kind === 'loop' && !link.left))) return
    if (link.told.length === link.peer.messages.length) return
    this.#witness.fault(
      `#${link.index} was told ${link.told.length} of ${link.peer.messages.length} messages`,
    )
  }

  #opened(socket: Socket<Link>): void {
    const link = socket.data
    this.#witness.note(`#${link.index} open`)
    if (link.socket !== undefined) this.#witness.fault(`#${link.index} opened a second time`)
    link.socket = socket
    void socket.closed.then(report => {
      link.final = report
    })
    link.wire.lends = true
  }

  #tell(link: Link, data: string | Uint8Array): void {
    const message = latin1(data)
    this.#witness.note(`#${link.index} message ${message.slice(0, 8)} of ${message.length}`)
    const { kind } = link.connect
    if (kind === 'messages' && link.report !== undefined)
      this.#witness.fault(`#${link.index} was told a message after its close report`)
    const at = kind === 'pieces' ? link.peer.messages.indexOf(message) : link.told.length
    const isNext =
      kind === 'pieces' ? at >= 0 && !link.told.includes(message) : link.peer.messages[at] === message
    if (!isNext)
      this.#witness.fault(`#${link.index} was told what its peer did not send: ${message.slice(0, 20)}`)
    link.told.push(message)
    link.last = data
  }

  // ── what they do ──────────────────────────────────────────────────────────────────────────────────────────────────────

  #act(link: Link, act: Act): void | Promise<void> {
    for (const call of act.calls) this.call(link, call)
    switch (act.outcome) {
      case 'return':
      case 'leave':
        return
      case 'resolve':
        return Promise.resolve()
      case 'throw':
        throw this.#failed(link)
      case 'reject':
        if (link.failure === undefined) link.rejected = act === link.connect.onDrain ? 'drain' : 'message'
        return Promise.reject(this.#failed(link))
      case 'hold':
        return this.#gate(link)
      case 'never':
        return new Promise(() => {})
    }
  }

  /** The next message has to wait until that has settled. */
  #hold(link: Link, result: void | Promise<void>): void | Promise<void> {
    if (result === undefined) return
    link.busy++
    const over = () => void link.busy--
    result.then(over, over)
    return result
  }

  /** A promise that a step settles. */
  #gate(link: Link): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    link.gates.push({ resolve, reject })
    return promise
  }

  /** A step settles the oldest promise of a handler's. */
  settle(link: Link, how: keyof Gate): void {
    const gate = link.gates.shift()
    if (gate === undefined) return
    if (how === 'resolve') gate.resolve()
    // Nobody is told what becomes of an upgrade that is over.
    else gate.reject(link.socket === undefined ? new Planned('upgrade') : this.#failed(link))
  }

  /** An error for which the connection must close with 1011, unless its end has been reported. */
  #failed(link: Link): Planned {
    const error = this.#planned(link)
    link.drops = true
    if (!link.socket!.signal.aborted) link.failure ??= error
    return error
  }

  #planned(link: Link): Planned {
    const error = new Planned(`${this.reports.size + 1} of #${link.index}`)
    this.reports.set(error, 0)
    return error
  }

  // ── calls ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Calls something on a socket, whatever has become of that; it must not throw. */
  call(link: Link, call: Call): void {
    if (link.socket === undefined) return
    try {
      this.#call(link, link.socket, call)
    } catch (error) {
      this.#witness.fault(`#${link.index} ${call.call} threw ${String(error)}`)
    }
    if (link.socket.state === 'closed' && link.report === undefined) link.drops = true
  }

  #call(link: Link, socket: Socket<Link>, call: Call): void {
    switch (call.call) {
      case 'send':
        for (let i = 0; i < call.count; i++) this.#send(link, socket, call.size)
        return
      case 'sendStream':
        this.#sendStream(link, socket, call.source)
        return
      case 'ping':
        for (let i = 0; i < call.count; i++) socket.ping(new Uint8Array(call.size))
        return
      case 'close':
        link.drops = true
        link.isClosedHere = true
        socket.close(call.code, 'enough')
        return
      case 'terminate':
        link.terminated = true
        link.drops = true
        socket.terminate()
        return
      case 'subscribe':
        socket.subscribe(call.topic)
        return
      case 'unsubscribe':
        socket.unsubscribe(call.topic)
        return
      case 'publish':
        this.#publish(socket, call)
        return
      case 'await ready':
        this.wait(link, 'ready', socket.ready)
        return
      case 'await closed':
        this.wait(link, 'closed', socket.closed)
        return
      case 'close the server':
        this.#witness.closeServer(call.timeout, call.batch)
        return
      default:
        this.#useStreams(link, call.call)
    }
  }

  #send(link: Link, socket: Socket<Link>, size: number): void {
    const { state } = socket
    const { messagesSent } = this.#witness.server.stats()
    const text = `s${link.sent}:`.padEnd(size, 's')
    if (state === 'open') link.sent++
    socket.send(text)
    if (state === 'open' || this.#witness.server.stats().messagesSent === messagesSent) return
    // The peer has closed, and messages that it sent before are still handled.
    link.sent++
    if (state === 'closed' || link.isClosedHere)
      this.#witness.fault(`#${link.index} took a message when it was closed`)
  }

  #sendStream(link: Link, socket: Socket<Link>, source: Extract<Call, { source: unknown }>['source']): void {
    // A source that fails closes the connection.
    if (source === 'throwing' || source === 'mixed') link.drops = true
    if (source !== 'by steps') {
      this.wait(link, `sendStream ${source}`, socket.sendStream(createSource(source)))
      return
    }
    const stepped = new SteppedSource()
    link.sources.push(stepped)
    this.wait(link, `sendStream ${source}`, socket.sendStream(stepped))
  }

  #publish(socket: Socket<Link>, { topic, slow, size, others }: Extract<Call, { call: 'publish' }>): void {
    const options = slow === 'drop-oldest' ? { slow, keep: 2 } : { slow }
    const text = 'p'.repeat(size)
    if (others) socket.publish(topic, text, options)
    else this.#witness.server.publish(topic, text, options)
  }

  #useStreams(link: Link, call: 'read' | 'write' | 'cancel' | 'abort' | 'end writing'): void {
    if (link.ends === undefined) return
    const { reader, writer } = link.ends
    if (call === 'read') {
      const told = reader.read().then(({ done, value }) => {
        if (!done) this.#tell(link, value)
      })
      this.wait(link, call, told)
    } else if (call === 'write' && link.hasEndedWriting) {
      // Node 26 answers a write behind a close with an error of its own internals.
      return
    } else if (call === 'write') this.wait(link, call, writer.write('w'.repeat(600)))
    else if (call === 'cancel') this.wait(link, call, reader.cancel())
    else {
      link.hasEndedWriting = true
      this.wait(link, call, call === 'abort' ? writer.abort() : writer.close())
    }
  }

  /** Waits for a promise of the server's. */
  wait(link: Link, name: string, promise: Promise<unknown>): void {
    link.waiting.push(name)
    const settled = (how: string) => () => {
      this.#witness.note(`#${link.index} ${name} ${how}`)
      link.waiting.splice(link.waiting.indexOf(name), 1)
    }
    promise.then(settled('resolved'), settled('rejected'))
  }
}
