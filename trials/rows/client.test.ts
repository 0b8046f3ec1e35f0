// The rows about bytes behind the handshake, for a client: a server over TCP and TLS sends each in one write, cut at random and byte by
// byte, the first of them in the packet of the 101.

import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket as NetSocket, type Server } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import { connect } from '@ws/client'
import { decodeFrames, readClosePayload } from '@ws/frame'
import { computeAccept } from '@ws/handshake'
import type { CloseInfo } from '@ws/protocol'
import { concat, createCertificate, headLength, utf8 } from '@ws/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { leavesNothing } from './aftermath.ts'
import { clientRows } from './bytes.ts'
import { CARRIERS } from './carriers.ts'
import { cutsOf, seed } from './cuts.ts'

console.info(`rows about frames are cut by SEED=${seed}`)

const certificate = createCertificate()

/** A server that sends these segments to each client by its path, and keeps what it has received. */
class SendingServer {
  readonly #server: Server
  readonly #visits: {
    readonly segments: readonly Uint8Array[]
    received: Promise<Uint8Array> | undefined
  }[] = []

  constructor(isSecure: boolean) {
    this.#server = isSecure ? createTlsServer(certificate) : createServer({ noDelay: true })
    this.#server.on(isSecure ? 'secureConnection' : 'connection', socket => this.#serve(socket))
    this.#server.listen(0, '127.0.0.1')
  }

  async started(): Promise<void> {
    await once(this.#server, 'listening')
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  /** The path for a client that these segments are for. */
  add(segments: readonly Uint8Array[]): string {
    return `/${this.#visits.push({ segments, received: undefined }) - 1}`
  }

  /** All that the client of this path has sent after its request, once it has ended. */
  receivedFrom(path: string): Promise<Uint8Array> {
    return this.#visits[Number(path.slice(1))]!.received!
  }

  #serve(socket: NetSocket): void {
    let received = Buffer.alloc(0)
    const ended = Promise.withResolvers<Uint8Array>()
    const visitOf = (head: string) => this.#visits[Number(/^GET \/(\d+)/.exec(head)![1])]!
    socket.on('error', () => {})
    socket.on('data', chunk => {
      const hadHead = headLength(received) > 0
      received = Buffer.concat([received, chunk])
      const length = headLength(received)
      if (hadHead || length === 0) return
      const head = received.toString('latin1')
      const visit = visitOf(head)
      visit.received = ended.promise.then(bytes => bytes.subarray(length))
      void this.#answer(socket, head, visit.segments)
    })
    const close = (): void => {
      ended.resolve(received)
      socket.end()
    }
    socket.on('end', close)
    socket.on('close', close)
    // A client waits for the server to end the connection (RFC 6455 §7.1.1).
    socket.on('data', () => {
      const length = headLength(received)
      const { frames } = decodeFrames('server', new Uint8Array(received.subarray(length || received.length)))
      if (frames.at(-1)?.opcode === 8) socket.end()
    })
  }

  async #answer(socket: NetSocket, head: string, segments: readonly Uint8Array[]): Promise<void> {
    const accept = computeAccept(/^sec-websocket-key: (.*)$/im.exec(head)![1]!.trim())
    const answer = `HTTP/1.1 101 x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`
    const [first = new Uint8Array(0), ...others] = segments
    socket.write(concat(utf8(answer), first))
    for (const segment of others) {
      await new Promise(setImmediate)
      if (!socket.writable) return
      socket.write(segment)
    }
  }

  async close(): Promise<void> {
    const closed = once(this.#server, 'close')
    this.#server.close()
    await closed
  }
}

leavesNothing()

describe.each(CARRIERS)('over %s', carrier => {
  let server: SendingServer
  beforeAll(async () => {
    server = new SendingServer(carrier === 'TLS')
    await server.started()
  })
  afterAll(() => server.close())

  describe('a client is told the messages and one report, and the server reads the Close of the row', () => {
    test.concurrent.each(clientRows)('$name', async ({ limits, bytes, expected }) => {
      const { told, pongs, code, by, reason } = expected
      const check = async (name: string, segments: readonly Uint8Array[]): Promise<void> => {
        const path = server.add(segments)
        const messages: string[] = []
        const reports: CloseInfo[] = []
        const scheme = carrier === 'TLS' ? 'wss' : 'ws'
        const socket = await connect(`${scheme}://localhost:${server.port}${path}`, {
          ...limits,
          tls: { ca: certificate.cert },
          lookup: (_name, { all }, callback) =>
            all ? callback(null, [{ address: '127.0.0.1', family: 4 }]) : callback(null, '127.0.0.1', 4),
          message: (_, data) => {
            const text =
              typeof data === 'string' ? `text: ${data}` : `binary: ${Buffer.from(data).toString('hex')}`
            messages.push(text.trimEnd())
          },
          close: (_, report) => void reports.push(report),
        })
        await socket.closed
        const { frames } = decodeFrames('server', new Uint8Array(await server.receivedFrom(path)))
        expect(messages, name).toEqual(told)
        const last = frames.at(-1)
        expect(last?.opcode, name).toBe(8)
        const close = readClosePayload(last!.payload)
        expect(close, name).toEqual({
          code,
          reason: by === 'peer' ? reason : expect.stringContaining(reason),
        })
        const answered = frames.filter(({ opcode }) => opcode === 10)
        expect(
          answered.map(({ payload }) => Buffer.from(payload).toString()),
          name,
        ).toEqual(pongs)
        expect(reports, name).toHaveLength(1)
        expect(reports[0], name).toMatchObject({ code, by, wasClean: by === 'peer' })
      }
      await Promise.all(cutsOf(bytes).map(({ name, segments }) => check(name, segments)))
    })
  })
})
