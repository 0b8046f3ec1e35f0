// The end of connections, and refusals: each close code and each error code.

import { once } from 'node:events'
import { describe, expect, test } from 'vitest'
import { type ClientOptions, WebSocket } from 'ws'
import { MAX_PENDING } from '../../src/wire/constants.ts'
import { FlakyEngine } from './flaky-engine.ts'
import { nextCid, startChat } from './start.ts'

/** The response to a refused upgrade. */
async function refusal(port: number, protocols: string[], options: ClientOptions = {}) {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/any/path`, protocols, options)
  socket.on('error', () => {})
  const [, response] = await once(socket, 'unexpected-response')
  const chunks: Buffer[] = await response.toArray()
  return { status: response.statusCode, headers: response.headers, body: String(Buffer.concat(chunks)) }
}

describe('upgrades', () => {
  test('another subprotocol is refused with the name of ours', async () => {
    await using started = await startChat()
    const { status, body } = await refusal(started.port, ['chat.v2.json'])
    expect({ status, body }).toEqual({ status: 400, body: 'the subprotocol must be chat.v1.json\n' })
  })

  test('a client without a subprotocol is accepted', async () => {
    await using started = await startChat()
    const socket = new WebSocket(`ws://127.0.0.1:${started.port}/any/path`)
    await once(socket, 'open')
    expect(socket.protocol).toBe('')
    socket.terminate()
  })

  test('while the store is away: 503, and the time to retry', async () => {
    const engine = new FlakyEngine()
    await using started = await startChat({ engine })
    engine.down()
    expect(started.chat.ready).toBe(false)
    const { status, headers } = await refusal(started.port, ['chat.v1.json'])
    expect({ status, retry: headers['retry-after'] }).toEqual({ status: 503, retry: '5' })
    engine.up()
    await started.guest('Ann')
  })
})

describe('closes with', () => {
  test('4000: no hello', async () => {
    await using started = await startChat({ times: { hello: 50 } })
    const client = await started.connect()
    expect(await client.closed).toMatchObject({ code: 4000, reason: 'no hello within 50 ms' })
    expect(client.all('bye')).toMatchObject([{ code: 4000, reconnect: true }])
  })

  test('4000 only before a hello', async () => {
    await using started = await startChat({ times: { hello: 50 } })
    const client = await started.guest('Ann')
    const late = await started.connect()
    await late.closed
    expect(client.socket.readyState).toBe(WebSocket.OPEN)
  })

  test('nothing on TCP without a pong; the page uses 4003', async () => {
    await using started = await startChat({ times: { ping: 40, pong: 40 } })
    const socket = new WebSocket(`ws://127.0.0.1:${started.port}/`, { autoPong: false })
    const [code] = await once(socket, 'close')
    expect(code).toBe(1006)
  })

  test('4003, when the client closes with it', async () => {
    const seen: unknown[] = []
    await using started = await startChat({
      log: (_, event, fields) => void (event === 'closed' && seen.push(fields?.code)),
    })
    const client = await started.guest('Ann')
    client.socket.close(4003)
    await client.closed
    await expect.poll(() => seen).toEqual([4003])
  })

  test.each(['', '[]', 'null', '1', '"x"', '{', '{"t":"ping"'])('4500: %j', async frame => {
    await using started = await startChat()
    const client = await started.guest('Ann')
    client.say(frame)
    expect(await client.closed).toMatchObject({ code: 4500, reason: 'a frame must be a JSON object' })
  })

  test('4501: an unknown token', async () => {
    await using started = await startChat()
    const client = await started.connect()
    expect(await client.refusal('hello', { v: 1, token: 'x' })).toMatchObject({ code: 'unauthorized' })
    expect(await client.closed).toMatchObject({ code: 4501 })
    expect(client.all('bye')).toMatchObject([{ code: 4501, reconnect: false }])
  })

  test('4505: another version', async () => {
    await using started = await startChat()
    const client = await started.connect()
    expect(await client.refusal('hello', { v: 2, nick: 'Ann' })).toMatchObject({ code: 'version' })
    expect(await client.closed).toMatchObject({ code: 4505 })
  })

  test('4506: a client that ignores the rate limit', async () => {
    await using started = await startChat({ writeRate: { perSecond: 0.01, burst: 5 } })
    const client = await started.member('Ann')
    const codes: string[] = []
    const flood = async () => {
      for (let i = 0; i < 35; i++) {
        const { code } = await client.refusal('topic', { room: 'lobby', cid: nextCid(), topic: 'x' })
        codes.push(code)
      }
    }
    for (let i = 0; i < 5; i++) await client.ask('topic', { room: 'lobby', cid: nextCid(), topic: 'x' })
    await flood().catch(() => {})
    expect(await client.closed).toMatchObject({ code: 4506 })
    expect(codes).toEqual(Array(21).fill('rate_limited'))
  })

  test('1003: a binary frame', async () => {
    await using started = await startChat()
    const client = await started.guest('Ann')
    client.socket.send(Buffer.from('{}'))
    expect(await client.closed).toMatchObject({ code: 1003 })
  })

  test('1009: more than 16 KiB', async () => {
    await using started = await startChat()
    const client = await started.guest('Ann')
    client.say(`{"t":"ping","id":1,"x":"${'x'.repeat(16_384)}"}`)
    expect(await client.closed).toMatchObject({ code: 1009 })
  })

  test('1008: more than 40 frames at once', async () => {
    await using started = await startChat()
    const client = await started.guest('Ann')
    for (let id = 1; id <= 60; id++) client.say({ t: 'ping', id })
    expect(await client.closed).toMatchObject({ code: 1008 })
  })

  test('1012: a restart, with a good-bye after the last stored entry', async () => {
    const engine = new FlakyEngine()
    await using started = await startChat({ engine })
    const ann = await started.member('Ann')
    const bob = await started.guest('Bob')
    const gate = Promise.withResolvers<void>()
    engine.gate = gate.promise
    const stored = ann.ask('send', { room: 'lobby', cid: nextCid(), body: 'last words' })
    await expect.poll(() => started.chat.stats().pending).toBe(1)
    const closing = started.chat.close({ within: 5000 })
    expect(started.chat.ready).toBe(false)
    const door = await refusal(started.port, ['chat.v1.json'])
    expect({ status: door.status, retry: door.headers['retry-after'] }).toEqual({ status: 503, retry: '5' })
    const send = { room: 'lobby', cid: nextCid(), body: 'too late' }
    expect(await ann.refusal('send', send)).toMatchObject({ code: 'unavailable', temporary: true })
    gate.resolve()
    expect(await stored).toMatchObject({ seq: 1 })
    expect(await closing).toMatchObject({ closed: 2, terminated: 0 })
    for (const client of [ann, bob]) {
      expect(await client.closed).toEqual({ code: 1012, reason: 'the server is restarting' })
      const [bye] = client.all('bye')
      expect(bye).toMatchObject({ code: 1012, reconnect: true })
      expect(bye!.after).toBeLessThanOrEqual(1000)
    }
  })
})

describe('errors', () => {
  test('unknown, bad_request, too_long', async () => {
    await using started = await startChat()
    const client = await started.member('Ann')
    client.say({ t: 'dance', id: 1000 })
    client.say({ t: 'ping' })
    await client.until(() => client.strays.length === 2)
    expect(client.strays).toMatchObject([{ id: 1000, code: 'unknown' }, { code: 'bad_request' }])
    expect(client.strays[1]).not.toHaveProperty('id')
    const long = { room: 'lobby', cid: nextCid(), body: 'x'.repeat(4001) }
    expect(await client.refusal('send', long)).toMatchObject({ code: 'too_long' })
    expect(started.chat.stats()).toMatchObject({ error_unknown: 1, error_bad_request: 1, error_too_long: 1 })
  })

  test('rate_limited has the time to wait', async () => {
    await using started = await startChat({ writeRate: { perSecond: 2, burst: 5 } })
    const client = await started.member('Ann')
    const send = () => ({ room: 'lobby', cid: nextCid(), body: 'x' })
    for (let i = 0; i < 5; i++) await client.ask('send', send())
    const { code, temporary, retry } = await client.refusal('send', send())
    expect({ code, temporary }).toEqual({ code: 'rate_limited', temporary: true })
    expect(retry).toBeGreaterThan(0)
    expect(retry).toBeLessThanOrEqual(500)
  })

  test('unavailable when the store does not answer, at once when it is down; the connection stays', async () => {
    const engine = new FlakyEngine()
    await using started = await startChat({ engine, times: { engine: 60 } })
    const client = await started.member('Ann')
    engine.gate = new Promise(() => {})
    const send = { room: 'lobby', cid: nextCid(), body: 'x' }
    const start = performance.now()
    const expected = { code: 'unavailable', temporary: true, retry: 2000 }
    expect(await client.refusal('send', send)).toMatchObject(expected)
    expect(performance.now() - start).toBeGreaterThan(55)
    engine.gate = undefined
    engine.down()
    expect(await client.refusal('send', send)).toMatchObject(expected)
    engine.up()
    expect(await client.ask('send', send)).toMatchObject({ seq: 1 })
    expect(started.chat.stats().error_unavailable).toBe(2)
  })

  test('busy above 16 waiting sends', async () => {
    const engine = new FlakyEngine()
    await using started = await startChat({ engine, times: { engine: 500 } })
    const client = await started.member('Ann')
    engine.gate = new Promise(() => {})
    const sends = Array.from({ length: MAX_PENDING + 1 }, () =>
      client.refusal('send', { room: 'lobby', cid: nextCid(), body: 'x' }),
    )
    expect(await sends.at(-1)).toMatchObject({ code: 'busy', temporary: true })
    expect((await Promise.all(sends.slice(0, -1))).every(({ code }) => code === 'unavailable')).toBe(true)
  })
})
