// The client role on a TCP connection: what a program has to write around `Protocol` and the handshake to open a WebSocket. It is
// what the trials put to the test as a client; it shows no rules of its own.

import { connect, type Socket as TcpSocket } from 'node:net'
import {
  createRequest,
  formatRequest,
  type ResponseHead,
  ResponseParser,
  validateResponse,
} from '@ws/handshake'
import { type CloseInfo, checkLimits, Protocol, type ProtocolSink } from '@ws/protocol'

/** What a client does with what comes. */
export type OnMessage = (client: Client, data: string | Uint8Array) => void

/** A WebSocket that we opened. */
export class Client {
  /** The close report. */
  readonly closed: Promise<CloseInfo>
  readonly #socket: TcpSocket
  readonly #protocol: Protocol

  private constructor(socket: TcpSocket, maxMessageSize: number, onMessage: OnMessage) {
    const { promise, resolve } = Promise.withResolvers<CloseInfo>()
    const sink: ProtocolSink = { message: data => onMessage(this, data), close: resolve }
    this.closed = promise
    this.#socket = socket
    this.#protocol = new Protocol('client', sink, { limits: checkLimits({ maxMessageSize }) })
  }

  /** Opens one; rejects if the server does not agree. */
  static async open(port: number, maxMessageSize: number, onMessage: OnMessage): Promise<Client> {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true, allowHalfOpen: true })
    const request = createRequest({ host: `127.0.0.1:${port}` })
    socket.write(formatRequest(request))
    const { head, rest } = await readResponse(socket)
    const verified = validateResponse(head, request)
    if (!verified.ok) throw new Error(verified.error)
    const client = new Client(socket, maxMessageSize, onMessage)
    client.#run(rest)
    return client
  }

  send(data: string | Uint8Array): void {
    this.#protocol.send(data)
    this.#flush()
  }

  ping(payload: Uint8Array): void {
    this.#protocol.ping(payload)
    this.#flush()
  }

  close(code?: number, reason?: string): void {
    this.#protocol.close(code, reason)
    this.#flush()
  }

  #run(rest: Uint8Array): void {
    this.#socket.on('data', (chunk: Buffer) => {
      this.#protocol.receive(chunk)
      this.#flush()
    })
    this.#socket.on('end', () => {
      this.#protocol.receiveEnd()
      this.#flush()
    })
    this.#socket.on('error', error => this.#protocol.receiveEnd(error))
    this.#protocol.receive(rest)
    this.#flush()
    this.#socket.resume()
  }

  #flush(): void {
    for (const bytes of this.#protocol.takeOutput()) this.#socket.write(bytes)
    if (this.#protocol.transportAction === 'end') this.#socket.end()
    else if (this.#protocol.transportAction === 'destroy') this.#socket.destroy()
  }
}

/** Reads the head of the response, and leaves the socket paused behind it. */
function readResponse(socket: TcpSocket): Promise<{ head: ResponseHead; rest: Uint8Array }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ head: ResponseHead; rest: Uint8Array }>()
  const parser = new ResponseParser()
  const onData = (chunk: Buffer) => {
    const parsed = parser.push(chunk)
    if (parsed === undefined) return
    socket.pause()
    socket.off('data', onData)
    if (parsed.ok) resolve(parsed)
    else reject(new Error('the response is no HTTP'))
  }
  socket.on('data', onData)
  socket.once('error', reject)
  return promise
}
