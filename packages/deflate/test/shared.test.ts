// A prepared message is compressed once for all who agreed on the same window, whatever they have seen before.

import { deflateRawSync } from 'node:zlib'
import { type Extension, type PreparedMessage, prepare, type Transformation } from '@ws/protocol'
import { randomFrom } from '@ws/testing'
import { describe, expect, test } from 'vitest'
import type { DeflateOptions } from '../src/options.ts'
import type { PermessageDeflate } from '../src/permessage-deflate.ts'
import { agree, carry, createDeflate, End, RSV1, WAYS } from './ends.ts'

/** A text in which something is new and something was there before; no two are of one length. */
function createTexts(count: number): string[] {
  const random = randomFrom(42)
  const word = () => Math.floor(random() * 2 ** 40).toString(36)
  const words = Array.from({ length: 60 }, word)
  return Array.from({ length: count }, (_, i) =>
    Array.from({ length: 40 + 7 * i }, () =>
      random() < 0.3 ? word() : words[Math.floor(random() * words.length)],
    ).join(' '),
  )
}

/** Counts how often something is transformed. */
function counting(extension: Extension, counts: { writes: number }): Extension {
  const count = (transformation: Transformation | undefined): Transformation | undefined =>
    transformation && {
      ...transformation,
      transform: {
        write: (...args) => {
          counts.writes++
          return transformation.transform.write(...args)
        },
      },
    }
  return {
    name: extension.name,
    reservedBits: extension.reservedBits,
    receiving: (bits, type) => extension.receiving(bits, type),
    sending: (...args) => count(extension.sending(...args)),
    close: () => extension.close(),
  }
}

interface Pair {
  readonly server: End
  readonly client: End
}

function connect(ours: PermessageDeflate, theirs: DeflateOptions, counts = { writes: 0 }): Pair {
  const agreed = agree(ours, createDeflate(theirs))
  return {
    server: new End('server', counting(agreed.server, counts)),
    client: new End('client', agreed.client),
  }
}

describe.each(WAYS)('$way', ({ direct }) => {
  test('own and shared messages in turns, to those with context takeover and those without', async () => {
    const ours = createDeflate({ contextTakeover: true, threshold: 0, windowBits: 15 }, direct)
    const pairs = [
      connect(ours, { contextTakeover: true, windowBits: 15 }),
      connect(ours, { contextTakeover: true, windowBits: 9 }),
      connect(ours, { contextTakeover: false, windowBits: 15 }),
    ]
    const texts = createTexts(40)
    for (const [i, text] of texts.entries()) {
      const message: string | PreparedMessage = i % 3 === 1 ? prepare(text) : text
      for (const { server } of pairs) server.protocol.send(message)
    }
    for (const { server, client } of pairs) {
      await carry(server, client, () => client.messages.length + client.reports.length >= texts.length)
      expect(client.reports).toEqual([])
      expect(client.messages).toEqual(texts)
    }
  })

  test('were the own engine not reset behind a shared message, what follows would be wrong', async () => {
    const ours = createDeflate({ contextTakeover: true, threshold: 0 }, direct)
    const agreed = agree(ours, createDeflate({ contextTakeover: true }))
    // What is shared is made past the connection, which then does not know of it.
    const careless: Extension = {
      name: agreed.server.name,
      reservedBits: agreed.server.reservedBits,
      receiving: (bits, type) => agreed.server.receiving(bits, type),
      sending: (type, size, wishes, shared) =>
        shared ? ours.share(12) : agreed.server.sending(type, size, wishes, shared),
      close: () => agreed.server.close(),
    }
    const server = new End('server', careless)
    const client = new End('client', agreed.client)
    const texts = createTexts(40)
    for (const [i, text] of texts.entries()) server.protocol.send(i % 3 === 1 ? prepare(text) : text)
    await carry(server, client, () => client.reports.length > 0 || client.messages.length === texts.length)
    expect(client.messages).not.toEqual(texts)
  })

  test('once for each window, with the same bytes for all', async () => {
    const ours = createDeflate({ contextTakeover: true }, direct)
    const counts = { writes: 0 }
    const connections = [12, 12, 10, 10, 12, 10].map((windowBits, i) =>
      connect(ours, { windowBits, contextTakeover: i % 2 === 0 }, counts),
    )
    for (const text of createTexts(40).filter(({ length }) => length > 1024)) {
      counts.writes = 0
      const message = prepare(text)
      for (const { server } of connections) server.protocol.send(message)
      expect(counts.writes).toBe(2)
      const frames = connections.map(({ server }) => server.protocol.takeOutput()[0]!)
      expect(frames[1]).toBe(frames[0])
      expect(new Set(frames).size).toBe(2)
    }
  })

  test('a large one once, too, though all wait for it; who leaves meanwhile takes it from nobody', async () => {
    const ours = createDeflate({}, direct)
    const counts = { writes: 0 }
    const pairs = Array.from({ length: 5 }, () => connect(ours, {}, counts))
    const text = createTexts(40).join(' ').repeat(5)
    const message = prepare(text)
    for (const { server } of pairs) {
      server.protocol.send(message)
      server.protocol.send('and this')
    }
    pairs[0]!.server.protocol.terminate()
    for (const { server, client } of pairs.slice(1)) {
      await carry(server, client, () => client.messages.length === 2)
      expect(client.messages).toEqual([text, 'and this'])
    }
    expect(counts.writes).toBe(1)
    expect(pairs[0]!.server.written()).toEqual([])
  })

  test('what does not get smaller leaves as it is, to all', () => {
    const ours = createDeflate({ contextTakeover: true }, direct)
    const pairs = Array.from({ length: 3 }, () => connect(ours, {}))
    const message = prepare(deflateRawSync(createTexts(9).join(' ')), { compress: true })
    for (const { server } of pairs) server.protocol.send(message)
    const frames = pairs.map(({ server }) => server.written()[0]!)
    expect(frames.map(({ rsv }) => rsv)).toEqual([0, 0, 0])
    expect(Buffer.compare(frames[0]!.payload!, message.data as Uint8Array)).toBe(0)
  })

  test('wishes hold: of the message, unless it is sent with others', () => {
    const { server } = connect(createDeflate({ threshold: 100 }, direct), {})
    const [text] = createTexts(1)
    const rsvs = (
      [
        [prepare(text!), undefined],
        [prepare(text!, { compress: false }), undefined],
        [prepare(text!, { compress: false }), { compress: true }],
        [prepare(text!), { compress: false }],
      ] as const
    ).map(([message, wishes]) => {
      server.protocol.send(message, wishes)
      return server.written()[0]?.rsv
    })
    expect(rsvs).toEqual([RSV1, 0, RSV1, 0])
  })

  test('a client, who masks each frame anew, compresses it as its own', async () => {
    const agreed = agree(
      createDeflate({ contextTakeover: true }),
      createDeflate({ contextTakeover: true, threshold: 0 }, direct),
    )
    const client = new End('client', agreed.client)
    const server = new End('server', agreed.server)
    const texts = createTexts(6)
    for (const text of texts) client.protocol.send(prepare(text))
    await carry(client, server, () => server.messages.length + server.reports.length >= 6)
    expect(server.messages).toEqual(texts)
  })
})
