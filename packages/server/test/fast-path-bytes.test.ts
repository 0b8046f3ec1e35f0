// The fast path and Node read the same request, with every byte value in every position.

import { createServer, type IncomingMessage, type Server } from 'node:http'
import { Duplex } from 'node:stream'
import { upgradeRequest } from '@ws/testing'
import { expect, test } from 'vitest'
import { FastPath } from '../src/http/fast-path.ts'

/** The other end sends these bytes and reads everything. */
class Connection extends Duplex {
  constructor(bytes: Uint8Array) {
    super()
    this.push(bytes)
  }
  override _read(): void {}
  override _write(_chunk: unknown, _encoding: string, done: () => void): void {
    done()
  }
}

const read = ({ method, url, httpVersion, rawHeaders }: Partial<IncomingMessage>): string =>
  JSON.stringify([method, url, httpVersion, rawHeaders])

/** Reads one request as a server does: the head if it is an upgrade, else undefined. */
class Reader {
  readonly #server: Server = createServer((_, response) => response.end())
  #read: string | undefined

  static ofNode(): Reader {
    const reader = new Reader()
    reader.#server.on('upgrade', (request, socket) => {
      reader.#read = read(request)
      socket.destroy()
    })
    return reader
  }

  static ofFastPath(): Reader {
    const reader = new Reader()
    reader.#server.removeAllListeners('connection')
    const take = ({ head }: { head: object }, socket: Duplex) => {
      reader.#read = read(head)
      socket.destroy()
    }
    new FastPath(reader.#server, take)
    return reader
  }

  async read(bytes: Uint8Array): Promise<string | undefined> {
    this.#read = undefined
    const connection = new Connection(bytes)
    this.#server.emit('connection', connection)
    await new Promise(setImmediate)
    connection.destroy()
    return this.#read
  }
}

const REQUESTS = {
  'one value': upgradeRequest(),
  'lists of values': upgradeRequest('/', {
    Upgrade: 'a, websocket, b',
    Connection: 'keep-alive, Upgrade, a',
  }),
  'several lines': upgradeRequest('/', { Upgrade: ['a', 'websocket'], Connection: ['a', 'Upgrade', 'b'] }),
}

/** The same bytes with each byte value in each place, instead of what is there and before it. */
function* variants(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at++)
    for (const after of [at, at + 1])
      for (let byte = 0; byte < 256; byte++)
        yield Buffer.concat([bytes.subarray(0, at), Uint8Array.of(byte), bytes.subarray(after)])
}

const ELEMENTS = [
  'Upgrade',
  'websocket',
  'close',
  'keep-alive',
  'a',
  ',',
  ' ',
  '\t',
  '\xa0',
  '\x85',
  ';',
  '"',
]

/** Requests whose fields are made of up to four of these elements. */
function* lists(): Generator<Uint8Array> {
  const pairs = ELEMENTS.flatMap(one => ['', ...ELEMENTS].map(other => one + other))
  for (const name of ['Connection', 'Upgrade'])
    for (const before of pairs)
      for (const after of pairs) yield Buffer.from(upgradeRequest('/', { [name]: before + after }), 'latin1')
}

async function expectSameHeads(requests: Iterable<Uint8Array>): Promise<void> {
  const first = Reader.ofFastPath()
  const node = Reader.ofNode()
  let count = 0
  for (const bytes of requests) {
    const head = await first.read(bytes)
    // Node reads the rest.
    if (head === undefined) continue
    count++
    expect(await node.read(bytes), Buffer.from(bytes).toString('latin1')).toBe(head)
  }
  expect(count).toBeGreaterThan(1000)
}

test.each(Object.entries(REQUESTS))(
  'a request with %s is read ahead only as Node reads it, whatever byte is anywhere in it',
  (_, request) => expectSameHeads(variants(Buffer.from(request, 'latin1'))),
  60_000,
)

test(
  'a request whose fields list anything is read ahead only as Node reads it',
  () => expectSameHeads(lists()),
  60_000,
)
