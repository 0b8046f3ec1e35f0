// The record of a connection: complete, bounded, for one observer of the same host.

import { once } from 'node:events'
import { encodeFrame, Opcode } from '@ws/frame'
import { headLength, RawPeer, upgradeRequest } from '@ws/testing'
import { afterEach, describe, expect, test } from 'vitest'
import { WebSocket as Client, type ClientOptions } from 'ws'
import { type Echo, startEcho } from '../src/echo.ts'
import { decodeEvents, type RecordEvent, type Side } from '../src/inspection/record.ts'
import { readCommand } from '../src/options.ts'

let echo: Echo | undefined
const clients: Client[] = []

afterEach(async () => {
  for (const client of clients.splice(0)) client.terminate()
  await echo?.close()
  echo = undefined
})

async function start(...args: string[]): Promise<void> {
  const command = readCommand(['--port', '0', ...args])
  if (command.kind !== 'run') throw new Error('not a command to run')
  echo = await startEcho(command.options)
}

function connect(path: string, options: ClientOptions = {}): Client {
  const client = new Client(`ws://127.0.0.1:${echo!.port}${path}`, options)
  clients.push(client)
  return client
}

/** An observer that keeps all events. */
class Observer {
  readonly client: Client
  readonly events: RecordEvent[] = []
  id = ''

  private constructor(client: Client) {
    this.client = client
    client.on('message', (data: Buffer, isBinary) => {
      if (isBinary) this.events.push(...decodeEvents(Uint8Array.from(data)))
      else this.id = JSON.parse(data.toString()).id
    })
  }

  static async open(options: ClientOptions = {}): Promise<Observer> {
    const observer = new Observer(connect('/inspect', options))
    while (observer.id === '') await once(observer.client, 'message')
    return observer
  }

  async until(isMet: () => boolean): Promise<void> {
    while (!isMet()) await once(this.client, 'message')
  }

  bytes(from: Side): Buffer {
    return Buffer.concat(this.events.filter(event => event.from === from).map(({ bytes }) => bytes))
  }

  kinds(): string[] {
    return this.events.map(({ kind, from }) => `${from} ${kind}`)
  }
}

async function statusOf(client: Client): Promise<number> {
  client.on('error', () => {})
  const [, response] = await once(client, 'unexpected-response')
  return response.statusCode
}

test('a recorded connection is delivered byte for byte, in both directions', async () => {
  await start()
  const observer = await Observer.open()
  await using peer = await RawPeer.connect(echo!.port)
  const request = upgradeRequest(`/?inspect=${observer.id}`)
  const frames = [
    encodeFrame({ opcode: Opcode.text, payload: Buffer.from('with the request'), maskingKey: 1 }),
    encodeFrame({ opcode: Opcode.ping, payload: Buffer.from('p'), maskingKey: 0xfeed_beef }),
    encodeFrame({ opcode: Opcode.close, payload: Buffer.of(3, 232), maskingKey: 2 }),
  ]
  await peer.write(Buffer.concat([Buffer.from(request, 'latin1'), frames[0]!]))
  await peer.until(received => received.length > headLength(received))
  await peer.write(frames[1]!)
  await peer.write(frames[2]!)
  await peer.ended()
  peer.end()
  await observer.until(() => observer.kinds().includes('server closed'))
  expect(observer.bytes('client').toString('latin1')).toBe(
    Buffer.concat([Buffer.from(request, 'latin1'), ...frames]).toString('latin1'),
  )
  expect(observer.bytes('server')).toEqual(Buffer.from(peer.received))
  expect(observer.kinds().filter(kind => !kind.endsWith('bytes'))).toEqual([
    'server fin',
    'client fin',
    'server closed',
  ])
})

test('an id has 128 random bits, and ends with its observer', async () => {
  await start()
  const [first, second] = [await Observer.open(), await Observer.open()]
  expect(Buffer.from(first.id, 'base64url')).toHaveLength(16)
  expect(first.id).not.toBe(second.id)
  const client = connect(`/?inspect=${first.id}`)
  await once(client, 'open')
  client.send('only for the first')
  await first.until(() => first.bytes('server').includes('only for the first'))
  expect(second.events).toEqual([])
  first.client.close()
  await once(first.client, 'close')
  expect(await statusOf(connect(`/?inspect=${first.id}`))).toBe(400)
  expect(await statusOf(connect('/?inspect=guessed'))).toBe(400)
  // What was recorded goes on without a record.
  client.send('again')
  expect(String((await once(client, 'message'))[0])).toBe('again')
})

test('Cookie, Authorization and Set-Cookie are masked', async () => {
  await start()
  const observer = await Observer.open()
  const headers = { Cookie: 'session=secret', authorization: 'Basic secret', 'X-Other': 'kept' }
  const client = connect(`/cookie?set=a=secret&inspect=${observer.id}`, { headers })
  await once(client, 'open')
  await observer.until(() => observer.bytes('server').length > 0)
  const request = observer.bytes('client').toString('latin1')
  const response = observer.events.find(({ from }) => from === 'server')!.bytes
  expect(request).toContain('\r\nCookie: ***\r\n')
  expect(request).toContain('\r\nauthorization: ***\r\n')
  expect(request).toContain('\r\nX-Other: kept\r\n')
  expect(Buffer.from(response).toString()).toContain('\r\nset-cookie: ***\r\n')
  expect(request.split('\r\n').slice(1).join()).not.toContain('secret')
})

test('the answer to a rejected handshake is recorded', async () => {
  await start()
  const observer = await Observer.open()
  expect(await statusOf(connect(`/status/403?body=no&inspect=${observer.id}`))).toBe(403)
  expect(await statusOf(connect(`/elsewhere?inspect=${observer.id}`))).toBe(404)
  expect(await statusOf(connect(`/?delay=x&inspect=${observer.id}`))).toBe(400)
  await observer.until(() => observer.bytes('server').includes('HTTP/1.1 400'))
  const answers = observer.bytes('server').toString()
  expect(answers).toContain('HTTP/1.1 403 Forbidden\r\n')
  expect(answers).toContain('HTTP/1.1 404 Not Found\r\n')
  expect(answers).toContain('delay must be a time')
})

test('a record has the start of a long payload, and ends when it becomes too long', async () => {
  await start()
  const observer = await Observer.open()
  const client = connect(`/?compress=off&inspect=${observer.id}`, { perMessageDeflate: false })
  await once(client, 'open')
  client.send(Buffer.alloc(1_000_000, 1))
  await once(client, 'message')
  client.send('after')
  await observer.until(() => observer.bytes('server').includes('after'))
  const skipped = observer.events.filter(({ kind, from }) => kind === 'skipped' && from === 'server')
  expect(skipped.reduce((sum, event) => sum + event.skipped, 0)).toBe(1_000_000 - 64 * 1024)
  for (let i = 0; i < 40; i++) {
    client.send(Buffer.alloc(64 * 1024))
    await once(client, 'message')
  }
  await observer.until(() => observer.kinds().includes('server limit'))
  const recorded = observer.bytes('client').length + observer.bytes('server').length
  expect(recorded).toBeLessThanOrEqual(4 * 1024 * 1024)
  const { length } = observer.events
  client.send('unrecorded')
  await once(client, 'message')
  expect(observer.events).toHaveLength(length)
})

describe('an observer', () => {
  test('of another host is rejected', async () => {
    await start()
    expect(await statusOf(connect('/inspect', { origin: 'https://evil.example' }))).toBe(403)
    await Observer.open({ origin: `http://127.0.0.1:${echo!.port}` })
  })

  test('is rejected off loopback, and accepted with --inspect', async () => {
    await start('--host', '0.0.0.0')
    expect(await statusOf(connect('/inspect'))).toBe(403)
    expect(await (await fetch(`http://127.0.0.1:${echo!.port}/inspect`)).text()).toBe('off\n')
    await echo!.close()
    await start('--host', '0.0.0.0', '--inspect')
    await Observer.open()
    expect(await (await fetch(`http://127.0.0.1:${echo!.port}/inspect`)).text()).toBe('on\n')
  })

  test('can ping, send fragments and close on its connections', async () => {
    await start()
    const observer = await Observer.open()
    const client = connect(`/?compress=off&inspect=${observer.id}`)
    await once(client, 'open')
    const run = (command: object) => observer.client.send(JSON.stringify({ connection: 1, ...command }))
    run({ do: 'ping', data: Buffer.from('abc').toString('base64') })
    expect(String((await once(client, 'ping'))[0])).toBe('abc')
    run({ do: 'send', type: 'text', data: Buffer.from('Grüße').toString('base64'), size: 3 })
    expect(String((await once(client, 'message'))[0])).toBe('Grüße')
    run({ do: 'close', code: 4000, reason: 'bye' })
    const [code, reason] = await once(client, 'close')
    expect([code, String(reason)]).toEqual([4000, 'bye'])
    await observer.until(() => observer.kinds().includes('server closed'))
    expect(observer.bytes('server').toString('hex')).toContain('010247720002c3bc0003c39f65')
  })

  test.each([
    ['{', 'JSON'],
    ['{"connection":0}', 'connection must be the number of a connection'],
    ['{"connection":1,"do":"dance"}', 'do must be ping, close'],
    ['{"connection":1,"do":"close","code":1005,"reason":""}', 'close code must be'],
    ['{"connection":1,"do":"ping"}', 'data must be base64'],
  ])('is closed with 1008 for the command %s', async (command, message) => {
    await start()
    const observer = await Observer.open()
    observer.client.send(command)
    const [code, reason] = await once(observer.client, 'close')
    expect(code).toBe(1008)
    expect(String(reason)).toContain(message)
  })
})
