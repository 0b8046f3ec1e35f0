// Runs the programs of the guides about this package, and checks their tables and figures.

import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { CHANNELS } from '@ws/connection/internal'
import { findFence, startReadme } from '@ws/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { WebSocketServer } from '../src/index.ts'
import { resolveServerOptions } from '../src/options/server-options.ts'
import { handshakeChannel } from '../src/telemetry/handshake-channel.ts'
import { overflowChannel } from '../src/telemetry/overflow-channel.ts'

const folder = fileURLToPath(new URL('..', import.meta.url))
const documents = '../../docs/guides'

/** A document with its lines joined, so that sentences are found across line breaks. */
function read(name: string): string {
  return readFileSync(join(folder, documents, name), 'utf8').replaceAll(/\s+/g, ' ')
}

/** The code spans in the first cells of all table rows that match `pattern`. */
function names(name: string, pattern: RegExp): string[] {
  const text = readFileSync(join(folder, documents, name), 'utf8')
  return [...text.matchAll(/^\| (`[^|]*`) \|/gm)]
    .flatMap(([, cell]) => [...cell!.matchAll(/`([^`]+)`/g)].map(([, code]) => code!))
    .filter(code => pattern.test(code))
}

function start(document: string, index: number) {
  return startReadme(folder, index, /^listening on (ws:\S+)$/, { document: join(documents, document) })
}

class Client {
  readonly socket: WebSocket
  readonly received: unknown[] = []
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>
  readonly #waiting = new Set<() => void>()

  private constructor(url: string) {
    this.socket = new WebSocket(url)
    this.socket.onmessage = ({ data }) => {
      this.received.push(data)
      for (const check of this.#waiting) check()
    }
    this.closed = once(this.socket, 'close').then(
      ([event]) => event as { readonly code: number; readonly reason: string },
    )
  }

  static async open(url: string): Promise<Client> {
    const client = new Client(url)
    await once(client.socket, 'open')
    return client
  }

  async until(count: number): Promise<unknown[]> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const check = () => {
      if (this.received.length >= count) resolve()
    }
    this.#waiting.add(check)
    check()
    await promise
    return this.received
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.socket.close()
    await this.closed
  }
}

describe('the OpenTelemetry program of observability.md', () => {
  let directory: string

  beforeAll(() => {
    directory = mkdtempSync(join(folder, '.docs-'))
  })

  afterAll(() => {
    rmSync(directory, { recursive: true })
  })

  test('exports all counters and one span per socket', async () => {
    const text = readFileSync(join(folder, documents, 'observability.md'), 'utf8')
    const file = join(directory, 'observe.ts')
    writeFileSync(file, findFence(text, 'ts', 2))
    const { instrument } = (await import(pathToFileURL(file).href)) as {
      instrument(server: WebSocketServer, meter: unknown, tracer: unknown): void
    }
    const kinds = new Map<string, string>()
    const read = new Map<string, () => number>()
    const create = (kind: string) => (name: string) => ({
      addCallback(callback: (result: { observe(value: number): void }) => void) {
        kinds.set(name, kind)
        read.set(name, () => {
          let last = Number.NaN
          callback({
            observe(value) {
              last = value
            },
          })
          return last
        })
      },
    })
    const spans: unknown[] = []
    const tracer = {
      startSpan: (name: string) => ({
        setAttribute: (key: string, value: unknown) => spans.push([name, key, value]),
        recordException: (error: Error) => spans.push([name, error.message]),
        end: () => spans.push([name, 'end']),
      }),
    }
    await using server = new WebSocketServer({
      error() {},
      message() {
        throw new Error('a bug')
      },
    })
    const meter = {
      createObservableGauge: create('gauge'),
      createObservableCounter: create('counter'),
    }
    instrument(server, meter, tracer)
    const { port } = await server.listen(0)
    const client = await Client.open(`ws://127.0.0.1:${port}/path`)
    expect(read.get('ws.server.sockets')!()).toBe(1)
    client.socket.send('x')
    await client.closed
    expect(kinds).toEqual(
      new Map(
        Object.keys(server.stats()).map(name => [
          `ws.server.${name}`,
          ['sockets', 'buffered', 'unread'].includes(name) ? 'gauge' : 'counter',
        ]),
      ),
    )
    expect(read.get('ws.server.errors')!()).toBe(1)
    expect(spans).toEqual([
      ['websocket', 'url.path', '/path'],
      ['websocket', 'client.address', '127.0.0.1'],
      ['websocket', 'a bug'],
      ['websocket', 'ws.close.code', 1011],
      ['websocket', 'end'],
    ])
  })
})

describe('backpressure.md', () => {
  test('has a first program that sends all rows', async () => {
    await using program = await start('backpressure.md', 0)
    const client = await Client.open(program.match[1]!)
    expect((await client.closed).code).toBe(1000)
    expect(client.received).toHaveLength(100_000)
    expect(client.received.at(-1)).toBe('row 99999')
  }, 30_000)

  test('has an echo program that returns every message', async () => {
    await using program = await start('backpressure.md', 1)
    await using client = await Client.open(program.match[1]!)
    for (let i = 0; i < 100; i++) client.socket.send(`${i}`)
    expect(await client.until(100)).toEqual(Array.from({ length: 100 }, (_, i) => `${i}`))
  }, 30_000)

  test('has a progress program that ends with its client without an error', async () => {
    const program = await start('backpressure.md', 2)
    const client = await Client.open(program.match[1]!)
    client.socket.send('start')
    expect(await client.until(2)).toEqual(['0 %', '10 %'])
    client.socket.close()
    expect((await client.closed).code).toBe(1005)
    expect(await program.stop()).toMatchObject({ stderr: '' })
  }, 30_000)

  test('has a game program that sends positions to other players', async () => {
    await using program = await start('backpressure.md', 3)
    await using player = await Client.open(program.match[1]!)
    await using other = await Client.open(program.match[1]!)
    player.socket.send('1,2')
    expect(await other.until(1)).toEqual(['{"player":1,"position":"1,2"}'])
  }, 30_000)

  test('has a streams program that serves a download, an upload and a transformation', async () => {
    await using program = await start('backpressure.md', 4)
    const url = program.match[1]!
    const text = readFileSync(join(folder, documents, 'backpressure.md'), 'utf8')
    const download = await Client.open(`${url}/download`)
    expect((await download.closed).code).toBe(1000)
    expect(await (download.received[0] as Blob).text()).toBe(findFence(text, 'ts', 4))
    await using upload = await Client.open(`${url}/upload`)
    const bytes = new Uint8Array(2 ** 22).fill(7)
    upload.socket.send(bytes)
    expect(await upload.until(1)).toEqual([createHash('sha256').update(bytes).digest('hex')])
    await using shout = await Client.open(`${url}/shout`)
    shout.socket.send('hello')
    expect(await shout.until(1)).toEqual(['HELLO'])
  }, 30_000)

  test('names the defaults of the options', () => {
    const text = read('backpressure.md')
    const { settings } = resolveServerOptions({}).base
    expect(text).toContain(`\`highWaterMark\` (${settings.highWaterMark / 1024} KiB)`)
    expect(text).toContain(`\`maxBufferedAmount\` (${settings.maxBufferedAmount / 2 ** 20} MiB)`)
    expect(text).toContain(`\`writeTimeout\` (${settings.writeTimeout / 1000} s)`)
    expect(names('backpressure.md', /^'/)).toEqual(["'queue'", "'drop-oldest'", "'latest'", "'close'"])
  })
})

describe('observability.md', () => {
  test('lists every counter in its table', async () => {
    await using server = new WebSocketServer()
    const counters = Object.keys(server.stats()).toSorted(asInTable)
    expect(names('observability.md', /^\w+$/).slice(0, counters.length)).toEqual(counters)
  })

  test('lists every event and its channel in its table', () => {
    const ours = { handshake: handshakeChannel, overflow: overflowChannel }
    const channels = Object.entries({ ...CHANNELS, ...ours })
    const text = readFileSync(join(folder, documents, 'observability.md'), 'utf8')
    const listed = [...text.matchAll(/^\| `(\w+)` \| `(@ws\/\w+:\w+)` \|/gm)]
    expect(new Map(listed.map(([, event, name]) => [event!, name!]))).toEqual(
      new Map<string, unknown>(channels.map(([event, { name }]) => [event, name])),
    )
  })

  test('has a program that serves metrics in the text format of Prometheus', async () => {
    await using program = await start('observability.md', 0)
    await using client = await Client.open(program.match[1]!)
    client.socket.send('hello')
    await client.until(1)
    const response = await fetch(`${program.match[1]!.replace('ws', 'http')}/metrics`)
    const text = await response.text()
    expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4')
    expect(text).toMatch(/^(# TYPE ws_\w+ (gauge|counter)\nws_\w+ \d+\n){14}$/)
    expect(text).toContain('# TYPE ws_sockets gauge\nws_sockets 1\n')
    expect(text).toContain('# TYPE ws_messages_sent_total counter\nws_messages_sent_total 1\n')
  }, 30_000)

  /** Compares counters by their order in the source, which the table follows. */
  function asInTable(a: string, b: string): number {
    const source = readFileSync(join(folder, 'src/telemetry/stats.ts'), 'utf8')
    return source.indexOf(`readonly ${a}:`) - source.indexOf(`readonly ${b}:`)
  }
})

describe('json.md', () => {
  test('has a program that accepts texts only', async () => {
    await using program = await start('json.md', 0)
    const client = await Client.open(program.match[1]!)
    client.socket.send('hello')
    client.socket.send(Uint8Array.of(1))
    expect((await client.closed).code).toBe(1003)
    expect(client.received).toEqual(['HELLO'])
  }, 30_000)

  test('has a program that answers valid and invalid messages as its table says', async () => {
    await using program = await start('json.md', 1)
    await using client = await Client.open(`${program.match[1]!}/?name=Ann`)
    client.socket.send('{"say":"hello"}')
    client.socket.send('{"say":1}')
    const [answer, refusal] = await client.until(2)
    expect(answer).toBe('{"from":"Ann","said":"hello"}')
    expect(read('json.md')).toContain(`\`${refusal as string}\``)
    for (const [message, code] of [
      ['{', 1007],
      [Uint8Array.of(1), 1003],
    ] as const) {
      const wrong = await Client.open(program.match[1]!)
      wrong.socket.send(message)
      const event = await wrong.closed
      expect(event.code).toBe(code)
      expect(read('json.md')).toContain(`a Close with ${code}, "${event.reason}"`)
    }
  }, 30_000)

  test('has a program that handles invalid messages itself', async () => {
    await using program = await start('json.md', 2)
    const client = await Client.open(program.match[1]!)
    client.socket.send('{')
    client.socket.send('[]')
    client.socket.send(Uint8Array.of(1))
    expect((await client.closed).code).toBe(1003)
    expect(client.received).toEqual(['that is not JSON', 'you sent []'])
  }, 30_000)

  test('has a program that reads JSON in a session', async () => {
    await using program = await start('json.md', 3)
    await using client = await Client.open(program.match[1]!)
    client.socket.send('[1]')
    expect(await client.until(1)).toEqual(['{"received":[1]}'])
  }, 30_000)

  test('has a program with a format of its own', async () => {
    await using program = await start('json.md', 4)
    await using client = await Client.open(program.match[1]!)
    client.socket.send('set color red')
    expect(await client.until(1)).toEqual(['set with 2 values'])
  }, 30_000)
})
