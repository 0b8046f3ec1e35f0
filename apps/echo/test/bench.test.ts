// Every path of the test bench and every parameter, over real sockets.

import { once } from 'node:events'
import { decodeFrames, encodeFrame, Opcode } from '@ws/frame'
import { createRequest, formatRequest, ResponseParser, validateResponse } from '@ws/handshake'
import { type CloseInfo, Protocol } from '@ws/protocol'
import { headLength, RawPeer, upgradeRequest } from '@ws/testing'
import { afterEach, describe, expect, test } from 'vitest'
import { WebSocket as Client, type ClientOptions, type RawData } from 'ws'
import { formatViolation, HANDSHAKE_VIOLATIONS } from '../src/bench/handshake-violations.ts'
import { VIOLATIONS } from '../src/bench/violations.ts'
import { type Echo, startEcho } from '../src/echo.ts'
import { readCommand } from '../src/options.ts'

let echo: Echo | undefined
const clients: Client[] = []
const peers: RawPeer[] = []

afterEach(async () => {
  for (const client of clients.splice(0)) client.terminate()
  for (const peer of peers.splice(0)) peer.reset()
  await echo?.close()
  echo = undefined
})

async function start(...args: string[]): Promise<Echo> {
  const command = readCommand(['--port', '0', ...args])
  if (command.kind !== 'run') throw new Error('not a command to run')
  echo = await startEcho(command.options)
  return echo
}

/** A client that keeps everything it receives. */
class Recorder {
  readonly client: Client
  readonly messages: { readonly data: Buffer; readonly binary: boolean; readonly at: number }[] = []
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>
  readonly upgrade: Promise<{ readonly headers: Record<string, string | string[] | undefined> }>

  constructor(target: string, protocols: string[] = [], options: ClientOptions = {}) {
    const defaults = { perMessageDeflate: false, maxPayload: 2 ** 30 }
    this.client = new Client(`ws://127.0.0.1:${echo!.port}${target}`, protocols, { ...defaults, ...options })
    clients.push(this.client)
    this.client.on('error', () => {})
    this.client.on('message', (data: RawData, binary) => {
      this.messages.push({ data: data as Buffer, binary, at: performance.now() })
    })
    this.closed = new Promise(resolve => {
      this.client.on('close', (code, reason) => resolve({ code, reason: String(reason) }))
    })
    this.upgrade = new Promise(resolve => this.client.on('upgrade', resolve))
  }

  async open(): Promise<this> {
    await once(this.client, 'open')
    return this
  }

  /** The texts of the first messages, once there are so many. */
  async texts(count: number): Promise<string[]> {
    while (this.messages.length < count) await once(this.client, 'message')
    return this.messages.slice(0, count).map(({ data }) => data.toString())
  }
}

function connect(target: string, protocols?: string[], options?: ClientOptions): Recorder {
  return new Recorder(target, protocols, options)
}

/** The status, headers and body of a handshake that is not answered with 101. */
async function rejection(target: string): Promise<{ status: number; headers: Headers; body: string }> {
  const { client } = connect(target)
  const [, response] = await once(client, 'unexpected-response')
  let body = ''
  for await (const chunk of response) body += String(chunk)
  return { status: response.statusCode, headers: new Headers(response.headers), body }
}

/** A raw client after its handshake, and the bytes behind the 101. */
async function upgradeRaw(target: string, lines = {}): Promise<{ peer: RawPeer; frames: () => Uint8Array }> {
  const peer = await RawPeer.connect(echo!.port)
  peers.push(peer)
  await peer.write(upgradeRequest(target, lines))
  const head = await peer.head()
  expect(head).toMatch(/^HTTP\/1.1 101 /)
  return { peer, frames: () => peer.received.subarray(headLength(peer.received)) }
}

function masked(opcode: number, text = ''): Uint8Array {
  return encodeFrame({ opcode, payload: Buffer.from(text), maskingKey: 0x37fa_213d })
}

describe('the parameters of all paths', () => {
  test('delay sends a message no earlier, and many at a time', async () => {
    await start()
    const visitor = await connect('/?delay=60ms').open()
    const sent = performance.now()
    for (let i = 0; i < 20; i++) visitor.client.send(String(i))
    expect(await visitor.texts(20)).toEqual(Array.from({ length: 20 }, (_, i) => String(i)))
    const [first] = visitor.messages
    expect(first!.at - sent).toBeGreaterThanOrEqual(58)
    // One after another would take 1200 ms.
    expect(visitor.messages.at(-1)!.at - sent).toBeLessThan(1000)
  })

  test('jitter adds to the delay, and keeps the order', async () => {
    await start()
    const visitor = await connect('/?delay=1ms&jitter=20ms').open()
    for (let i = 0; i < 50; i++) visitor.client.send(String(i))
    expect(await visitor.texts(50)).toEqual(Array.from({ length: 50 }, (_, i) => String(i)))
  })

  test('fragment sends frames of at most this many bytes, and splits no character', async () => {
    await start()
    const { peer, frames } = await upgradeRaw('/?fragment=4')
    await peer.write(masked(Opcode.text, 'abcé€z'))
    await peer.until(() => decodeFrames('client', frames()).frames.some(({ fin }) => fin))
    const received = decodeFrames('client', frames()).frames
    const pieces = received.map(({ payload }) => Buffer.from(payload).toString()).filter(text => text !== '')
    expect(pieces).toEqual(['abc', 'é', '€z'])
    expect(received[0]).toMatchObject({ opcode: Opcode.text, fin: false })
    expect(received.slice(1).every(({ opcode }) => opcode === Opcode.continuation)).toBe(true)
  })

  test('fragment cuts binary messages too', async () => {
    await start()
    const { peer, frames } = await upgradeRaw('/?fragment=16')
    await peer.write(encodeFrame({ opcode: Opcode.binary, payload: Buffer.alloc(40, 7), maskingKey: 1 }))
    await peer.until(() => decodeFrames('client', frames()).frames.some(({ fin }) => fin))
    const sizes = decodeFrames('client', frames()).frames.map(({ payload }) => payload.length)
    expect(sizes.filter(size => size > 0)).toEqual([16, 16, 8])
  })

  test('ping sends pings', async () => {
    await start()
    const { client } = connect('/?ping=10ms')
    await once(client, 'ping')
    await once(client, 'ping')
  })

  test('rate spreads messages over time', async () => {
    await start()
    const visitor = await connect('/?rate=10kB').open()
    const sent = performance.now()
    for (let i = 0; i < 4; i++) visitor.client.send('x'.repeat(500))
    await visitor.texts(4)
    // The first 1500 bytes take 150 ms, then the last is sent.
    expect(visitor.messages.at(-1)!.at - sent).toBeGreaterThanOrEqual(145)
  })

  test('rate trickles the bytes of one frame', async () => {
    await start()
    const { peer, frames } = await upgradeRaw('/?rate=10kB&compress=off')
    const sent = performance.now()
    // The echo takes 100 seconds.
    await peer.write(masked(Opcode.binary, 'x'.repeat(1_000_000)))
    await peer.until(() => frames().length > 0)
    expect(frames().length).toBeLessThan(500_000)
    await peer.until(() => frames().length >= 1500)
    // The first 1000 bytes take 100 ms, then a piece of 500 is sent.
    expect(performance.now() - sent).toBeGreaterThanOrEqual(95)
  })

  test('rate keeps FIN behind the data', async () => {
    await start()
    const { peer, frames } = await upgradeRaw('/drop?rate=10kB&after=1')
    await peer.write(masked(Opcode.text, 'x'.repeat(1200)))
    await peer.ended()
    expect(decodeFrames('client', frames()).frames[0]!.payload.length).toBe(1200)
  })

  test('compress=on compresses short messages too', async () => {
    await start()
    const offer = { 'Sec-WebSocket-Extensions': 'permessage-deflate' }
    const { peer, frames } = await upgradeRaw('/?compress=on', offer)
    await peer.write(masked(Opcode.text, 'x'.repeat(100)))
    await peer.until(() => decodeFrames('client', frames()).frames.length > 0)
    expect(decodeFrames('client', frames()).frames[0]!.rsv).toBe(0b100)
  })

  test.each(['/?compress=off', '/count?compress=off'])('%s declines permessage-deflate', async target => {
    await start()
    const declined = await connect(target, [], { perMessageDeflate: true }).open()
    const agreed = await connect('/', [], { perMessageDeflate: true }).open()
    expect([declined.client.extensions, agreed.client.extensions]).toEqual(['', 'permessage-deflate'])
  })

  test('/?compress=off has no limits, as / has none', async () => {
    await start('--max-bytes', '100')
    const visitor = await connect('/?compress=off').open()
    visitor.client.send('x'.repeat(1000))
    expect(await visitor.texts(1)).toEqual(['x'.repeat(1000)])
  })

  test('parameters combine with each other and with those of a path', async () => {
    await start()
    const { peer, frames } = await upgradeRaw('/count?to=12&every=0ms&fragment=1&delay=5ms')
    await peer.until(() => decodeFrames('client', frames()).frames.some(each => each.opcode === Opcode.close))
    const payloads = decodeFrames('client', frames()).frames.map(({ payload }) => payload)
    expect(Buffer.concat(payloads.slice(0, -1)).toString()).toBe('123456789101112')
    expect(payloads.slice(0, -1).every(({ length }) => length <= 1)).toBe(true)
  })

  test.each([
    [
      '/?dealy=1s',
      'unknown parameter "dealy" (expected delay, jitter, fragment, ping, rate, compress, inspect)',
    ],
    ['/?delay=1', 'delay must be a time such as 500ms, 2s or 5m, up to 24h, not "1"'],
    ['/?delay=-1s', 'delay must be'],
    ['/?delay=1s&delay=2s', 'delay must be given once'],
    ['/?jitter=25h', 'jitter must be'],
    ['/?fragment=0', 'fragment must be a number of bytes such as 100, 10kB or 4MiB, from 1, not "0"'],
    ['/?rate=1x', 'rate must be'],
    ['/?ping=1ms', 'ping must be a time such as 500ms, 2s or 5m, from 10ms to 24h, not "1ms"'],
    ['/?compress=maybe', 'compress must be on or off, not "maybe"'],
    ['/close?code=1005', 'close code must be 1000–1003, 1007–1014 or 3000–4999 (RFC 6455 §7.4), not 1005'],
    ['/close?reason=bye', 'a close reason needs a code (RFC 6455 §5.5.1)'],
    [`/close?code=1000&reason=${'x'.repeat(124)}`, 'close reason must be at most 123 bytes'],
    ['/close?after=x', 'after must be a number of messages such as 3, or a time such as 2s, not "x"'],
    ['/status/99', 'the status must be a whole number from 200 to 599, not "99"'],
    ['/status/204?body=x', 'status 204 must not have a body'],
    ['/redirect?to=http://b.example/', 'to must be a path of this server such as /time'],
    ['/redirect?to=//b.example/', 'to must be a path'],
    ['/redirect?to=/%5Cb.example', 'to must be a path'],
    ['/redirect?to=/%09/b.example', 'to must be a path'],
    ['/big?size=1GB', '1000000000 bytes are more than this server allows (100000000)'],
    ['/flood?messages=1000000&size=1000', 'bytes are more than this server allows'],
    ['/cookie?set=a=b;Domain=example', 'set must be a name and a value such as flavor=oat'],
    ['/cookie?set=a', 'set must be a name'],
    ['/invalid?case=nothing', 'case must be utf8, opcode,'],
    [`/room/${'x'.repeat(65)}`, 'the name of a room must have at most 64 characters'],
  ])('%s is answered 400 with what was expected', async (target, message) => {
    await start()
    const { status, body } = await rejection(target)
    expect(body).toContain(message)
    expect(status).toBe(400)
  })

  test('a path that does not exist is answered 404', async () => {
    await start()
    const { status, body } = await rejection('/elsewhere')
    expect([status, body]).toEqual([404, 'no such path; GET /help lists the paths\n'])
  })
})

describe('paths that end the connection', () => {
  test('/close sends the code and the reason', async () => {
    await start()
    expect(await connect('/close?code=4001&reason=bye').closed).toEqual({ code: 4001, reason: 'bye' })
  })

  test('/close without a code sends an empty Close', async () => {
    await start()
    const { peer, frames } = await upgradeRaw('/close')
    await peer.until(() => frames().length >= 2)
    expect([...frames()]).toEqual([0x88, 0])
  })

  test('/close?after=3 echoes three messages before', async () => {
    await start()
    const visitor = await connect('/close?code=4001&reason=bye&after=3').open()
    for (const text of ['a', 'b', 'c', 'd']) visitor.client.send(text)
    expect(await visitor.closed).toEqual({ code: 4001, reason: 'bye' })
    expect(visitor.messages.map(({ data }) => String(data))).toEqual(['a', 'b', 'c'])
  })

  test('/close?after=50ms echoes for this time', async () => {
    await start()
    const opened = performance.now()
    const visitor = await connect('/close?code=1000&after=50ms').open()
    visitor.client.send('a')
    expect(await visitor.texts(1)).toEqual(['a'])
    expect((await visitor.closed).code).toBe(1000)
    expect(performance.now() - opened).toBeGreaterThanOrEqual(48)
  })

  test('/drop ends TCP without a Close', async () => {
    await start()
    const { peer, frames } = await upgradeRaw('/drop')
    await peer.ended()
    expect(frames()).toHaveLength(0)
  })

  test('/drop?after=1 sends the echo before the FIN', async () => {
    await start()
    const { peer, frames } = await upgradeRaw('/drop?after=1')
    await peer.write(masked(Opcode.text, 'last'))
    await peer.ended()
    expect(
      decodeFrames('client', frames()).frames.map(({ payload }) => String(Buffer.from(payload))),
    ).toEqual(['last'])
  })

  test('/reset resets TCP', async () => {
    await start()
    const { peer } = await upgradeRaw('/reset?after=1')
    await peer.write(masked(Opcode.text, 'last'))
    await peer.closed()
    await expect(peer.ended()).rejects.toThrow('ECONNRESET')
  })
})

describe('paths that are silent', () => {
  test('/silent answers no message, no ping and no Close, and reads everything', async () => {
    await start('--max-duration', '300ms')
    const { peer, frames } = await upgradeRaw('/silent')
    await peer.write(masked(Opcode.text, 'hello'))
    await peer.write(masked(Opcode.ping, 'hello'))
    for (let i = 0; i < 64; i++) {
      const payload = Buffer.alloc(2 ** 16)
      await peer.write(encodeFrame({ opcode: Opcode.binary, payload, maskingKey: 1 }))
    }
    await peer.write(masked(Opcode.close))
    await peer.ended()
    expect(frames()).toHaveLength(0)
  })

  test('/never answers nothing, until the longest duration', async () => {
    await start('--max-duration', '100ms')
    const peer = await RawPeer.connect(echo!.port)
    peers.push(peer)
    await peer.write(upgradeRequest('/never'))
    await peer.ended()
    expect(peer.received).toHaveLength(0)
  })

  test('/never ends when the client leaves', async () => {
    await start()
    const peer = await RawPeer.connect(echo!.port)
    await peer.write(upgradeRequest('/never'))
    peer.reset()
    await echo!.close()
  })

  test('/slow-handshake answers late, then echoes', async () => {
    await start()
    const began = performance.now()
    const visitor = await connect('/slow-handshake?for=80ms').open()
    expect(performance.now() - began).toBeGreaterThanOrEqual(78)
    visitor.client.send('a')
    expect(await visitor.texts(1)).toEqual(['a'])
  })
})

describe('paths that answer the handshake', () => {
  test('/status answers with the status and the body, as plain text', async () => {
    await start()
    const { status, headers, body } = await rejection('/status/401?body=%3Cb%3Eno%3C/b%3E')
    expect([status, body]).toEqual([401, '<b>no</b>'])
    expect(headers.get('content-type')).toBe('text/plain; charset=utf-8')
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('www-authenticate')).toBe('Basic realm="echo"')
  })

  test('/status/204 has no body', async () => {
    await start()
    expect(await rejection('/status/204')).toMatchObject({ status: 204, body: '' })
  })

  test('/redirect stays on this host', async () => {
    await start()
    const { status, headers } = await rejection('/redirect?to=/count?to=3')
    expect([status, headers.get('location')]).toEqual([302, '/count?to=3'])
    const followed = connect('/redirect?to=/count%3Fto=3', [], { followRedirects: true })
    expect(await followed.texts(3)).toEqual(['1', '2', '3'])
  })
})

describe('paths that send by themselves', () => {
  test('/count sends the numbers and closes', async () => {
    await start()
    const visitor = connect('/count?to=5&every=1ms')
    expect((await visitor.closed).code).toBe(1000)
    expect(await visitor.texts(5)).toEqual(['1', '2', '3', '4', '5'])
  })

  test('/time sends the time, again and again', async () => {
    await start()
    const [first, second] = await connect('/time?every=5ms').texts(2)
    expect(Math.abs(Date.parse(first!) - Date.now())).toBeLessThan(60_000)
    expect(Date.parse(second!)).toBeGreaterThanOrEqual(Date.parse(first!))
  })

  test('/flood sends all messages', async () => {
    await start()
    const visitor = connect('/flood?messages=10000&size=100')
    expect((await visitor.closed).code).toBe(1000)
    expect(visitor.messages).toHaveLength(10_000)
    expect(visitor.messages.every(({ data, binary }) => binary && data.length === 100)).toBe(true)
  })

  test('/big sends one message of the size', async () => {
    await start('--rate', '1GB')
    const visitor = connect('/big?size=64MB')
    expect((await visitor.closed).code).toBe(1000)
    expect(visitor.messages.map(({ data }) => data.length)).toEqual([64e6])
  })
})

describe('paths that report the request', () => {
  test('/headers sends the request as JSON, then echoes', async () => {
    await start()
    const visitor = await connect('/headers?delay=1ms', [], { headers: { 'X-Mine': 'yes' } }).open()
    visitor.client.send('a')
    const [report, back] = await visitor.texts(2)
    const { method, target, headers } = JSON.parse(report!)
    expect([method, target, back]).toEqual(['GET', '/headers?delay=1ms', 'a'])
    expect(headers).toContainEqual(['X-Mine', 'yes'])
    expect(headers).toContainEqual(['Upgrade', 'websocket'])
  })

  test.each([
    [[], ['a', 'b'], 'a'],
    [['--subprotocol', 'none'], [], null],
    [['--subprotocol', 'b'], ['a', 'b'], 'b'],
    [['--subprotocol', 'c'], [], null],
  ])('/subprotocol with %j sends what is offered and chosen', async (args, offered, chosen) => {
    await start(...args)
    const visitor = connect('/subprotocol', offered)
    const [report] = await visitor.texts(1)
    expect(JSON.parse(report!)).toEqual({ offered, chosen })
    expect(visitor.client.protocol).toBe(chosen ?? '')
  })

  test('a client that offers a subprotocol can connect to the plain echo', async () => {
    await start()
    const visitor = await connect('/', ['chat', 'superchat']).open()
    expect(visitor.client.protocol).toBe('chat')
    visitor.client.send('a')
    expect(await visitor.texts(1)).toEqual(['a'])
  })

  test('/cookie sends the cookies of the request, and sets one', async () => {
    await start()
    const visitor = connect('/cookie?set=flavor=oat', [], { headers: { Cookie: 'a=1; b=2' } })
    expect(await visitor.texts(1)).toEqual(['a=1; b=2'])
    const { headers } = await visitor.upgrade
    expect(headers['set-cookie']).toEqual(['flavor=oat; Path=/cookie; HttpOnly; SameSite=Strict'])
  })
})

/** The report of a client that has received these frames. */
function receiveAsClient(bytes: Uint8Array): CloseInfo {
  const reports: CloseInfo[] = []
  const sink = { message() {}, close: (report: CloseInfo) => void reports.push(report) }
  const protocol = new Protocol('client', sink)
  protocol.receive(new Uint8Array(bytes))
  protocol.receiveEnd()
  return reports[0]!
}

describe('/invalid', () => {
  test.each(Object.entries(VIOLATIONS))(
    'case=%s sends bytes that a client must reject',
    async (name, violation) => {
      await start()
      const { peer, frames } = await upgradeRaw(`/invalid?case=${name}`)
      await peer.until(() => frames().length >= violation.bytes.length)
      expect(Buffer.from(frames())).toEqual(Buffer.from(violation.bytes))
      const { code, cause } = receiveAsClient(frames())
      expect([code, cause?.name]).toEqual([violation.closeCode, 'ProtocolError'])
    },
  )
})

describe('/invalid, in the handshake', () => {
  test.each(Object.keys(HANDSHAKE_VIOLATIONS))(
    'case=%s is a response that a client must reject',
    async name => {
      await start()
      const request = createRequest({ host: `127.0.0.1:${echo!.port}`, target: `/invalid?case=${name}` })
      const peer = await RawPeer.connect(echo!.port)
      peers.push(peer)
      await peer.write(formatRequest(request))
      await peer.head()
      const parsed = new ResponseParser().push(peer.received)
      if (!parsed?.ok) throw new Error('no head')
      expect(validateResponse(parsed.head, request)).toMatchObject({ ok: false })
      // Without the change it is valid: nothing but the violation is wrong.
      const valid = formatViolation({ about: '', section: '', change: fields => fields }, request.key)
      const other = new ResponseParser().push(Buffer.from(valid))
      expect(other?.ok && validateResponse(other.head, request).ok).toBe(true)
      const client = connect(`/invalid?case=${name}`)
      expect((await client.closed).code).toBe(1006)
    },
  )
})

describe('/room', () => {
  test('relays to everyone in the room, and to no other', async () => {
    await start()
    const [first, second, other] = [connect('/room/a'), connect('/room/a'), connect('/room/b')]
    await Promise.all([first.open(), second.open(), other.open()])
    first.client.send('hello')
    other.client.send('elsewhere')
    expect(await first.texts(1)).toEqual(['hello'])
    expect(await second.texts(1)).toEqual(['hello'])
    expect(await other.texts(1)).toEqual(['elsewhere'])
    second.client.close()
    await second.closed
    first.client.send('alone')
    expect(await first.texts(2)).toEqual(['hello', 'alone'])
  })
})

describe('limits', () => {
  test('--max-duration closes with 1008', async () => {
    await start('--max-duration', '50ms')
    expect(await connect('/time').closed).toEqual({
      code: 1008,
      reason: 'the connection has lasted 0.05 s',
    })
  })

  test('--max-bytes counts both directions, and closes with 1008', async () => {
    await start('--max-bytes', '1000')
    const visitor = await connect('/?delay=0ms').open()
    for (let i = 0; i < 4; i++) visitor.client.send('x'.repeat(200))
    expect(await visitor.closed).toEqual({
      code: 1008,
      reason: 'more than 1000 bytes on one connection of the bench',
    })
    expect(visitor.messages.length).toBeLessThan(4)
  })

  test('--rate slows down what is sent after the burst of a second', async () => {
    await start('--rate', '100kB')
    const began = performance.now()
    const visitor = connect('/flood?messages=13&size=10kB')
    expect((await visitor.closed).code).toBe(1000)
    expect(performance.now() - began).toBeGreaterThanOrEqual(190)
  })

  test('the plain echo has none of them', async () => {
    await start('--max-duration', '20ms', '--max-bytes', '10', '--rate', '10')
    const visitor = await connect('/').open()
    const long = connect('/time?every=1ms')
    await long.closed
    visitor.client.send('x'.repeat(10_000))
    expect(await visitor.texts(1)).toEqual(['x'.repeat(10_000)])
  })
})
