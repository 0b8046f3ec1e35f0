// The connection of the page: its target, its state, and the entries that it writes to the log.

import { bytesInWords, closeInWords } from '../decode/words.ts'
import type { Log } from '../log/log.ts'
import { Transcripts } from '../log/transcript.ts'
import type { Data, Echo, FromWorker } from './messages.ts'
import { type Command, Observer } from './observer.ts'
import { isHere, observedUrl, type Target, urlOf } from './target.ts'
import { WorkerSocket } from './worker-socket.ts'

/** The state of the connection, in words. */
export interface Status {
  readonly state: 'connecting' | 'open' | 'closing' | 'closed'
  /** The address, or why it has closed. */
  readonly detail: string
  /** Whether the rows of the log are frames; undefined until it is known. */
  readonly hasFrames: boolean | undefined
}

/** Takes what the page shows besides the log. */
export interface ConnectionListener {
  target(target: Target): void
  status(status: Status): void
  echo(echo: Echo): void
  measured(times: readonly number[]): void
}

/** One connection at a time. */
export class Connection {
  readonly #log: Log
  readonly #listener: ConnectionListener
  readonly #socket = new WorkerSocket(message => this.#onMessage(message))
  readonly #transcripts: Transcripts
  #observer: Observer | undefined
  /** Number of the page's own connection in the record. */
  #number = 0
  #target: Target
  #opened = 0
  #status: Status = { state: 'connecting', detail: '', hasFrames: undefined }
  #whenOpen: (() => void)[] = []
  #isSocketOpen = false
  /** Whether the next connection of the record is the page's own. */
  #isOurs = false

  constructor(target: Target, log: Log, listener: ConnectionListener) {
    this.#target = target
    this.#log = log
    this.#listener = listener
    this.#transcripts = new Transcripts(log)
  }

  get target(): Target {
    return this.#target
  }

  get status(): Status {
    return this.#status
  }

  /** The address with which another client's connection is shown here. */
  get observedUrl(): string | undefined {
    return this.#observer && observedUrl({ address: '/', protocols: [] }, this.#observer.id)
  }

  /** Connects to a target. */
  async open(target: Target): Promise<void> {
    this.#target = target
    this.#isSocketOpen = false
    this.#listener.target(target)
    const url = urlOf(target)
    this.#show({ state: 'connecting', detail: url })
    if (isHere(target)) this.#observer ??= await this.#observe()
    if (this.#target !== target) return
    const observer = isHere(target) ? this.#observer : undefined
    this.#show({ hasFrames: observer !== undefined })
    this.#opened = performance.now()
    this.#isOurs = true
    this.#socket.open(observer === undefined ? url : observedUrl(target, observer.id), target.protocols)
  }

  #observe(): Promise<Observer | undefined> {
    return Observer.open(
      event => {
        if (this.#isOurs && event.connection > this.#number) {
          this.#isOurs = false
          this.#number = event.connection
          this.#tellOpen()
        }
        this.#transcripts.push(event)
      },
      () => {
        this.#observer = undefined
      },
    )
  }

  /** Resolves when the connection is open, and its record has begun; at once if it has. */
  whenOpen(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#whenOpen.push(resolve)
    this.#tellOpen()
    return promise
  }

  #tellOpen(): void {
    const isRecorded = !this.#status.hasFrames || !this.#isOurs
    if (this.#isSocketOpen && isRecorded) for (const resolve of this.#whenOpen.splice(0)) resolve()
  }

  /** Sends a message. Returns false without a connection. */
  send(data: Data): boolean {
    if (this.#status.state !== 'open') return false
    this.#socket.send(data)
    if (!this.#status.hasFrames) this.#addMessage('client', data)
    return true
  }

  /** Closes the connection; throws for a code that a page must not send. */
  close(code?: number, reason = ''): void {
    if (this.#status.state === 'open')
      this.#show({ state: 'closing', detail: 'waiting for the server’s Close frame' })
    this.#socket.close(code, reason)
  }

  /** Lets the server send something on the page's connection. Returns false if it cannot. */
  run(command: Command): boolean {
    if (this.#status.state !== 'open' || !this.#status.hasFrames) return false
    this.#observer?.run(this.#number, command)
    return true
  }

  /** Times echoes on a connection of its own, which is not recorded. */
  measure(count: number, size: number): void {
    this.#socket.measure(urlOf(this.#target), count, size)
  }

  #onMessage(message: FromWorker): void {
    if (message.kind === 'open') this.#onOpen(message.protocol, message.extensions)
    else if (message.kind === 'message') {
      if (!this.#status.hasFrames) this.#addMessage('server', message.data)
      if (message.echo !== undefined) this.#listener.echo(message.echo)
    } else if (message.kind === 'closed') void this.#onClosed(message)
    else if (message.kind === 'measured') this.#listener.measured(message.times)
    else {
      this.#note(message.words)
      this.#show({ state: 'closed', detail: message.words })
    }
  }

  #onOpen(protocol: string, extensions: string): void {
    const url = urlOf(this.#target)
    const detail = [url, protocol && `subprotocol ${protocol}`, extensions && 'compressed'].filter(Boolean)
    this.#show({ state: 'open', detail: detail.join(', ') })
    if (!this.#status.hasFrames) this.#note(`Connected to ${detail.join(', ')}`)
    this.#isSocketOpen = true
    this.#tellOpen()
  }

  async #onClosed({ code, reason, wasOpen, unanswered }: FromWorker & { kind: 'closed' }): Promise<void> {
    const target = this.#target
    this.#isSocketOpen = false
    const words = wasOpen ? closeInWords(code, reason) : await this.#explainFailure()
    if (this.#target !== target) return
    const more =
      unanswered > 0
        ? `; ${unanswered} sent ${unanswered === 1 ? 'message' : 'messages'} without an answer`
        : ''
    this.#note(`Closed: ${words}${more}`)
    this.#show({ state: 'closed', detail: words })
  }

  /** A browser does not say why a handshake failed. The record does, or whether the server answers. */
  async #explainFailure(): Promise<string> {
    const url = urlOf(this.#target)
    if (!isHere(this.#target)) return `no WebSocket at ${url}`
    const answer = await fetch('/healthz', { cache: 'no-store' }).catch(() => undefined)
    if (answer === undefined) return `no answer from ${url}`
    const refused = this.#log.entries.findLast(entry => entry.kind === 'handshake')
    const response = refused?.connection === this.#number ? refused.handshake.response : undefined
    if (response === undefined) return `the server did not accept the handshake for ${url}`
    return `the server answered ${response.status} ${response.reason}`
  }

  #addMessage(from: 'client' | 'server', data: Data): void {
    this.#log.add({ kind: 'message', connection: 0, time: this.#time(), from, data })
  }

  #note(words: string): void {
    this.#log.add({ kind: 'event', connection: this.#number, time: this.#time(), words })
  }

  #time(): number {
    return performance.now() - this.#opened
  }

  #show(change: Partial<Status>): void {
    this.#status = { ...this.#status, ...change }
    this.#listener.status(this.#status)
  }
}

/** `text · 12 bytes`. */
export function describeData(data: Data): string {
  const size = typeof data === 'string' ? new TextEncoder().encode(data).length : data.length
  return `${typeof data === 'string' ? 'text' : 'binary'} · ${bytesInWords(size)}`
}
