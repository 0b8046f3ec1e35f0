// The echo server over real sockets: what comes back, who may connect, and how much a slow reader costs.

import { once } from 'node:events'
import { afterEach, describe, expect, test } from 'vitest'
import { WebSocket as Client, type ClientOptions, type RawData } from 'ws'
import { type Echo, startEcho } from '../src/echo.ts'
import { type EchoOptions, readCommand } from '../src/options.ts'

let echo: Echo | undefined
const clients: Client[] = []

afterEach(async () => {
  for (const client of clients.splice(0)) client.terminate()
  await echo?.close()
  echo = undefined
})

async function start(...args: string[]): Promise<Echo> {
  const command = readCommand(['--port', '0', ...args]) as { options: EchoOptions }
  echo = await startEcho(command.options)
  return echo
}

function connect(options: ClientOptions = {}): Client {
  const client = new Client(`ws://127.0.0.1:${echo!.port}/`, { perMessageDeflate: false, ...options })
  // A refused one is ended before it was open, which `ws` reports as an error.
  client.on('error', () => {})
  clients.push(client)
  return client
}

async function open(options?: ClientOptions): Promise<Client> {
  const client = connect(options)
  await once(client, 'open')
  return client
}

async function statusOf(options?: ClientOptions): Promise<number | undefined> {
  const [, response] = await once(connect(options), 'unexpected-response')
  return response.statusCode
}

async function receive(client: Client): Promise<{ data: Buffer; binary: boolean }> {
  const [data, binary]: [RawData, boolean] = (await once(client, 'message')) as [RawData, boolean]
  return { data: data as Buffer, binary }
}

describe('compression', () => {
  const long = 'what is long enough, '.repeat(100)

  test.each([
    [[], 'permessage-deflate'],
    [['--no-deflate'], ''],
  ])('with %j: %j', async (args, extensions) => {
    await start(...args)
    const client = await open({ perMessageDeflate: true })
    expect(client.extensions).toBe(extensions)
    client.send(long)
    expect((await receive(client)).data.toString()).toBe(long)
  })
})

describe('what comes back', () => {
  test('text as text', async () => {
    await start()
    const client = await open()
    client.send('grüß dich 🌍')
    expect(await receive(client)).toEqual({ data: Buffer.from('grüß dich 🌍'), binary: false })
  })

  test('binary as binary', async () => {
    await start()
    const client = await open()
    client.send(Buffer.of(0, 255, 1))
    expect(await receive(client)).toEqual({ data: Buffer.of(0, 255, 1), binary: true })
  })

  test('many messages in the order they were sent', async () => {
    await start()
    const client = await open()
    const back: string[] = []
    const all = new Promise<void>(resolve => {
      client.on('message', data => {
        if (back.push(String(data)) === 1000) resolve()
      })
    })
    for (let i = 0; i < 1000; i++) client.send(`message ${i}`)
    await all
    expect(back).toEqual(Array.from({ length: 1000 }, (_, i) => `message ${i}`))
  })

  test('a message of 16 MiB, and a longer one closes with 1009', async () => {
    await start()
    const client = await open({ maxPayload: 2 ** 25 })
    const largest = Buffer.alloc(16 * 2 ** 20, 'echo')
    client.send(largest)
    const { data } = await receive(client)
    expect(data.equals(largest)).toBe(true)
    client.send(Buffer.alloc(16 * 2 ** 20 + 1))
    const [code, reason] = await once(client, 'close')
    expect(code).toBe(1009)
    expect(String(reason)).toBe('message longer than 16777216 bytes (RFC 6455 §7.4.1)')
  })
})

describe('who may connect', () => {
  test.each(['null', 'https://elsewhere.example'])('a page of %s, by default', async origin => {
    await start()
    await open({ origin })
  })

  test('pages of the same host only, with --origin same-host', async () => {
    const { port } = await start('--origin', 'same-host')
    await open({ origin: `http://127.0.0.1:${port}` })
    expect(await statusOf({ origin: 'null' })).toBe(403)
  })

  test('pages of a list, with --origin URL,URL', async () => {
    await start('--origin', 'https://a.example,https://b.example')
    await open({ origin: 'https://b.example' })
    expect(await statusOf({ origin: 'https://c.example' })).toBe(403)
  })

  test('so many at a time, with --max-connections', async () => {
    await start('--max-connections', '2')
    await open()
    await open()
    expect(await statusOf()).toBe(503)
  })

  test('so many from one address, with --max-per-address, until one of them leaves', async () => {
    await start('--max-per-address', '1')
    const first = await open()
    expect(await statusOf()).toBe(429)
    first.close()
    await once(first, 'close')
    await open()
  })

  test('on IPv4 and IPv6 loopback alike', async () => {
    const { addresses, port } = await start()
    expect(addresses[0]).toBe('127.0.0.1')
    for (const address of addresses) {
      const host = address.includes(':') ? `[${address}]` : address
      const client = new Client(`ws://${host}:${port}/`)
      clients.push(client)
      await once(client, 'open')
    }
  })
})

test('a peer that sends and does not read is made to wait, and gets everything in the end', async () => {
  await start()
  const client = await open({ maxPayload: 2 ** 25 })
  const message = Buffer.alloc(2 ** 20, 'x')
  const count = 64
  let back = 0
  const all = new Promise<void>(resolve => {
    client.on('message', data => {
      expect((data as Buffer).length).toBe(message.length)
      if (++back === count) resolve()
    })
  })
  client.pause()
  for (let i = 0; i < count; i++) client.send(message)
  // What the server and the kernel do not take stays with the client: it is the peer that waits.
  await settled(() => client.bufferedAmount)
  expect(client.bufferedAmount).toBeGreaterThan(count * message.length * 0.5)
  client.resume()
  await all
})

/** Resolves when a figure has not changed for a thousand turns of the event loop, which both ends share: nothing moves. */
async function settled(read: () => number): Promise<void> {
  for (let same = 0, last = read(); same < 1000; ) {
    await new Promise(resolve => setImmediate(resolve))
    same = read() === last ? same + 1 : 0
    last = read()
  }
}

test('close() says 1001 to every peer', async () => {
  const { close } = await start()
  const all = await Promise.all([open(), open(), open()])
  const codes = Promise.all(all.map(async client => (await once(client, 'close'))[0]))
  await close()
  expect(await codes).toEqual([1001, 1001, 1001])
})
