// A prepared message is compressed once for all connections with the same window.

import { deflateRawSync } from 'node:zlib'
import { type Extension, type PreparedMessage, prepare, type Transformation } from '@ws/protocol'
import { randomFrom } from '@ws/testing'
import { describe, expect, test } from 'vitest'
import type { DeflateOptions } from '../src/options.ts'
import type { PermessageDeflate } from '../src/permessage-deflate.ts'
import { agree, carry, createDeflate, End, RSV1, WAYS } from './ends.ts'

/** Texts of new and repeated words, each of a different length. */
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

/** Counts calls of the transform. */
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

describe.each(WAYS)('$way', ({ sync }) => {
  test('own and prepared messages alternate, with and without context takeover', async () => {
    const ours = createDeflate({ contextTakeover: true, threshold: 0, windowBits: 15 }, sync)
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

  test('later messages would be wrong if the engine were not reset after a prepared message', async () => {
    const ours = createDeflate({ contextTakeover: true, threshold: 0 }, sync)
    const agreed = agree(ours, createDeflate({ contextTakeover: true }))
    // The connection does not notice the shared message, so its engine keeps a wrong history.
    const careless: Extension = {
      name: agreed.server.name,
      reservedBits: agreed.server.reservedBits,
      receiving: (bits, type) => agreed.server.receiving(bits, type),
      sending: (type, size, options, shared) =>
        shared ? ours.share(12) : agreed.server.sending(type, size, options, shared),
      close: () => agreed.server.close(),
    }
    const server = new End('server', careless)
    const client = new End('client', agreed.client)
    const texts = createTexts(40)
    for (const [i, text] of texts.entries()) server.protocol.send(i % 3 === 1 ? prepare(text) : text)
    await carry(server, client, () => client.reports.length > 0 || client.messages.length === texts.length)
    expect(client.messages).not.toEqual(texts)
  })

  test('is compressed once for each window, with the same bytes for all', async () => {
    const ours = createDeflate({ contextTakeover: true }, sync)
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

  test('is compressed once in the thread pool, even if the first connection closes in the meantime', async () => {
    const ours = createDeflate({}, sync)
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

  test('is sent uncompressed to all if it does not get smaller', () => {
    const ours = createDeflate({ contextTakeover: true }, sync)
    const pairs = Array.from({ length: 3 }, () => connect(ours, {}))
    const message = prepare(deflateRawSync(createTexts(9).join(' ')), { compress: true })
    for (const { server } of pairs) server.protocol.send(message)
    const frames = pairs.map(({ server }) => server.written()[0]!)
    expect(frames.map(({ rsv }) => rsv)).toEqual([0, 0, 0])
    expect(Buffer.compare(frames[0]!.payload!, message.data as Uint8Array)).toBe(0)
  })

  test('keeps its own options, unless it is sent with others', () => {
    const { server } = connect(createDeflate({ threshold: 100 }, sync), {})
    const [text] = createTexts(1)
    const rsvs = (
      [
        [prepare(text!), undefined],
        [prepare(text!, { compress: false }), undefined],
        [prepare(text!, { compress: false }), { compress: true }],
        [prepare(text!), { compress: false }],
      ] as const
    ).map(([message, options]) => {
      server.protocol.send(message, options)
      return server.written()[0]?.rsv
    })
    expect(rsvs).toEqual([RSV1, 0, RSV1, 0])
  })

  test('is compressed by each client, because clients mask each frame differently', async () => {
    const agreed = agree(
      createDeflate({ contextTakeover: true }),
      createDeflate({ contextTakeover: true, threshold: 0 }, sync),
    )
    const client = new End('client', agreed.client)
    const server = new End('server', agreed.server)
    const texts = createTexts(6)
    for (const text of texts) client.protocol.send(prepare(text))
    await carry(client, server, () => server.messages.length + server.reports.length >= 6)
    expect(server.messages).toEqual(texts)
  })
})
