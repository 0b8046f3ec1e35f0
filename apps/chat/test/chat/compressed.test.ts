// Compression (RFC 7692) on the wire: only for clients that offer it, only of large messages, and
// never of messages with a secret.

import { randomBytes } from 'node:crypto'
import { connect } from 'node:net'
import { inflateRawSync } from 'node:zlib'
import { permessageDeflate } from '@ws/deflate'
import { decodeFrames, Opcode } from '@ws/frame'
import type { ServerOptions } from '@ws/server'
import { headLength } from '@ws/testing'
import { describe, expect, test } from 'vitest'
import type { ClientOptions } from 'ws'
import type { ServerMessage } from '../../src/wire/messages.ts'
import { TestClient } from '../client.ts'
import { nextCid, startChat } from './start.ts'

type NegotiableExtension = NonNullable<ServerOptions['extensions']>[number]

const RSV1 = 0b100
const OFFER: ClientOptions = { perMessageDeflate: true }

/** One message as it travelled. */
interface Travelled {
  readonly compressed: boolean
  readonly size: number
  readonly message: ServerMessage
}

/** A client's offer of compression, with which its frames can be inspected. */
function tap(options: ClientOptions = {}) {
  const chunks: Buffer[] = []
  return {
    options: {
      ...options,
      createConnection: ((address: { host: string; port: number }) => {
        const socket = connect(address)
        socket.on('data', chunk => chunks.push(chunk))
        return socket
      }) as unknown as NonNullable<ClientOptions['createConnection']>,
    },
    /** The negotiated extension. */
    head: () =>
      Buffer.concat(chunks)
        .subarray(0, headLength(Buffer.concat(chunks)))
        .toString('latin1'),
    /** All messages so far. */
    travelled(): readonly Travelled[] {
      const capture = Buffer.concat(chunks)
      const { frames } = decodeFrames('client', capture.subarray(headLength(capture)))
      return frames
        .filter(({ opcode }) => opcode === Opcode.text)
        .map(({ rsv, payload }) => {
          const text = rsv === RSV1 ? inflateRawSync(Buffer.concat([payload, TAIL])) : Buffer.from(payload)
          return { compressed: rsv === RSV1, size: payload.length, message: JSON.parse(String(text)) }
        })
    },
  }
}

/** The octets that a sender removes (RFC 7692 §7.2.1), and an empty final block. */
const TAIL = Buffer.from([0, 0, 0xff, 0xff, 1, 0, 0, 0xff, 0xff])

const LONG = 'What is said again and again gets shorter. '.repeat(50)

describe('an entry', () => {
  test('is compressed for clients that offer it, and plain for others', async () => {
    await using started = await startChat({ extensions: [permessageDeflate()] })
    const [offering, plain] = [tap(OFFER), tap()]
    await using ann = await TestClient.guest(started.port, 'Ann', offering.options)
    await using bob = await TestClient.guest(started.port, 'Bob', plain.options)
    // No message refers to an earlier one, so the size of one reveals nothing about another.
    expect(offering.head()).toContain(
      'permessage-deflate; server_no_context_takeover; client_no_context_takeover',
    )
    expect(plain.head()).not.toContain('permessage-deflate')
    for (const client of [ann, bob]) await client.ask('join', { room: 'lobby' })
    await ann.ask('send', { room: 'lobby', cid: nextCid(), body: LONG })
    await bob.ask('send', { room: 'lobby', cid: nextCid(), body: 'short' })
    for (const client of [ann, bob])
      await client.until(() => client.log('lobby').length === 2, 'both entries')
    const entries = ({ travelled }: ReturnType<typeof tap>) =>
      travelled().filter(({ message }) => message.t === 'entry')
    expect(entries(offering)).toMatchObject([
      { compressed: true, message: { data: { body: LONG } } },
      { compressed: false, message: { data: { body: 'short' } } },
    ])
    expect(entries(offering)[0]!.size).toBeLessThan(300)
    expect(entries(plain)).toMatchObject([
      { compressed: false, message: { data: { body: LONG } } },
      { compressed: false, message: { data: { body: 'short' } } },
    ])
  })

  test('is compressed once for all receivers, and once for its author', async () => {
    const counted = countShared(permessageDeflate())
    await using started = await startChat({ extensions: [counted.extension] }, OFFER)
    const ann = await started.member('Ann')
    const others = await Promise.all(Array.from({ length: 20 }, (_, i) => started.member(`Member ${i}`)))
    await ann.ask('send', { room: 'lobby', cid: nextCid(), body: LONG })
    for (const client of [ann, ...others]) expect(await client.push('entry')).toMatchObject({ seq: 1 })
    expect(counted.sent()).toBe(21)
    expect(counted.done()).toBe(2)
  })

  test('is not compressed by a chat without compression', async () => {
    await using started = await startChat({}, OFFER)
    const ann = await started.member('Ann')
    expect(ann.socket.extensions).toBe('')
    await ann.ask('send', { room: 'lobby', cid: nextCid(), body: LONG })
    expect(await ann.push('entry')).toMatchObject({ data: { body: LONG } })
  })
})

/**
 * The same extension, which counts how often a shared message is compressed, and for how many
 * receivers.
 */
function countShared(extension: NegotiableExtension) {
  let [sent, done] = [0, 0]
  const counting: NegotiableExtension = {
    name: extension.name,
    offers: extension.offers,
    confirm: params => extension.confirm(params),
    accept(offers) {
      const accepted = extension.accept(offers)
      return (
        accepted && {
          params: accepted.params,
          create() {
            const connection = accepted.create()
            return {
              name: connection.name,
              reservedBits: connection.reservedBits,
              receiving: (bits, type) => connection.receiving(bits, type),
              close: () => connection.close(),
              sending(type, size, options, shared) {
                const found = connection.sending(type, size, options, shared)
                if (found?.key === undefined) return found
                sent++
                const { transform } = found
                const write: typeof transform.write = (piece, last, output) => {
                  done++
                  return transform.write(piece, last, output)
                }
                return { ...found, transform: { write } }
              },
            }
          },
        }
      )
    },
  }
  return { extension: counting, sent: () => sent, done: () => done }
}

/** The longest name: with it and a long topic, a hello is long enough to be compressed. */
const NICK = '話'.repeat(32)

describe('a reply with a token', () => {
  test('is sent uncompressed although it is long, and one without a token is compressed', async () => {
    await using started = await startChat({ extensions: [permessageDeflate()] })
    const owner = await started.member('Owner')
    // Text of another user in the same message.
    await owner.ask('topic', { room: 'lobby', cid: nextCid(), topic: '話'.repeat(200) })
    for (let i = 0; i < 3; i++) await started.engine.createRoom(`room-${i}`)
    const first = tap(OFFER)
    await using ann = await TestClient.guest(started.port, NICK, first.options)
    const password = 'long enough'
    await ann.ask('auth', { op: 'register', password })
    const { token } = await ann.ask('auth', { op: 'login', nick: NICK, password })
    const replies = first.travelled()
    const secret = replies.filter(({ message }) => 'token' in message)
    expect(secret.map(({ compressed }) => compressed)).toEqual([false, false, false])
    expect(secret[0]!.size).toBeGreaterThan(1024)
    const again = tap(OFFER)
    await using back = await TestClient.connect(started.port, again.options)
    await back.ask('hello', { v: 1, token: token! })
    await back.ask('join', { room: 'room-0' })
    await back.ask('rooms', {})
    expect(again.travelled()[0]).toMatchObject({
      compressed: true,
      message: { t: 'ok', user: { nick: NICK } },
    })
  })
})

test('pages that are compressed on another thread stay in order, before live entries', async () => {
  await using started = await startChat({ extensions: [permessageDeflate()] }, OFFER)
  const ann = await started.member('Ann')
  const user = ann.hello.user!
  const bodies = Array.from({ length: 250 }, () => randomBytes(2900).toString('base64'))
  for (const body of bodies)
    await started.engine.publish('lobby', { kind: 'msg', data: { body }, cid: nextCid(), user })
  const { epoch } = (await started.engine.tops(['lobby'])).get('lobby')!
  const reader = tap(OFFER)
  await using bob = await TestClient.guest(started.port, 'Bob', reader.options)
  await bob.ask('join', { room: 'lobby', since: [epoch, 0] })
  await ann.ask('send', { room: 'lobby', cid: nextCid(), body: 'live' })
  await bob.until(() => bob.log('lobby').length === 251, 'all entries')
  expect(bob.log('lobby')).toEqual(Array.from({ length: 251 }, (_, i) => i + 1))
  const syncs = reader.travelled().filter(({ message }) => message.t === 'sync')
  expect(syncs.every(({ compressed }) => compressed)).toBe(true)
  // Pages of this length are compressed on another thread.
  expect(JSON.stringify(syncs[0]!.message).length).toBeGreaterThan(64 * 1024)
})

test('1009: a message of more than 16 KiB after decompression', async () => {
  await using started = await startChat({ extensions: [permessageDeflate()] }, OFFER)
  const client = await started.guest('Ann')
  client.say({ t: 'ping', id: 1000, x: 'x'.repeat(16_384) })
  expect(await client.closed).toMatchObject({ code: 1009 })
})
