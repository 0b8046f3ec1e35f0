// The parts that `ws` exports beside its two classes: `Sender`, `Receiver`, `PerMessageDeflate`,
// `extension` and `subprotocol`.

import { once } from 'node:events'
import { PassThrough, type Readable } from 'node:stream'
import { encodeFrame, Opcode } from '@ws/frame'
import { utf8 } from '@ws/testing'
import { describe, expect, test } from 'vitest'
import type { PerMessageDeflate, Receiver } from '../src/index.ts'
import { IMPLEMENTATIONS, type Implementation } from './implementations.ts'

describe.each(IMPLEMENTATIONS)('Sender of %s', (_, { Sender, Receiver }) => {
  test('encodes frames', () => {
    const frame = (options: Partial<Parameters<typeof Sender.frame>[1]>): Buffer =>
      Buffer.concat(
        Sender.frame(Buffer.from('hi'), {
          fin: true,
          mask: false,
          readOnly: true,
          rsv1: false,
          opcode: 1,
          ...options,
        }),
      )
    expect(frame({})).toEqual(Buffer.from('81026869', 'hex'))
    expect(frame({ fin: false, rsv1: true, opcode: 2 })).toEqual(Buffer.from('42026869', 'hex'))
    const masked = frame({ mask: true, generateMask: key => key.fill(1) })
    expect(masked).toEqual(Buffer.from('8182010101016968', 'hex'))
  })

  test('sends messages, fragments and control frames, in their order', async () => {
    const transport = new PassThrough()
    const sender = new Sender(transport as never)
    sender.send(Buffer.from('text'), { binary: false, compress: false, fin: true, mask: false })
    sender.send(Buffer.from('fr'), { binary: true, compress: false, fin: false, mask: false })
    sender.ping(Buffer.from('ping'), false)
    sender.send(Buffer.from('agment'), { binary: true, compress: false, fin: true, mask: false })
    sender.pong(Buffer.from('pong'), false)
    await new Promise<unknown>(resolve => sender.close(1000, 'bye', false, resolve))
    const events = await received(new Receiver({ isServer: false }), transport)
    expect(events).toEqual([
      'message text',
      'ping ping',
      'message fragment',
      'pong pong',
      'conclude 1000 bye',
    ])
  })
})

describe.each(IMPLEMENTATIONS)('Receiver of %s', (_, implementation) => {
  const { Receiver } = implementation

  test('emits the messages of a client, in any pieces', async () => {
    const bytes = Buffer.concat([
      encodeFrame({ opcode: Opcode.text, payload: utf8('Hello'), maskingKey: 7 }),
      encodeFrame({ opcode: Opcode.binary, payload: utf8('by'), fin: false, maskingKey: 8 }),
      encodeFrame({ opcode: Opcode.continuation, payload: utf8('tes'), maskingKey: 9 }),
    ])
    const transport = new PassThrough()
    const events = received(new Receiver({ isServer: true }), transport)
    for (const byte of bytes) transport.write(Buffer.of(byte))
    transport.end()
    expect(await events).toEqual(['message Hello', 'message bytes'])
  })

  test.each([
    ['WS_ERR_INVALID_OPCODE', {}, encodeFrame({ opcode: 3 })],
    [
      'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH',
      { maxPayload: 3 },
      encodeFrame({ opcode: 1, payload: utf8('long') }),
    ],
  ])('is destroyed with %s', async (code, options, bytes) => {
    const receiver = new Receiver(options)
    receiver.write(Buffer.from(bytes))
    const [error] = await once(receiver, 'error')
    expect(error.code).toBe(code)
  })

  test('emits one event in a tick without allowSynchronousEvents', async () => {
    const receiver = new Receiver({ allowSynchronousEvents: false })
    const order: string[] = []
    receiver.on('message', data => {
      order.push(String(data))
      queueMicrotask(() => order.push('microtask'))
    })
    const frame = encodeFrame({ opcode: 1, payload: utf8('x') })
    await new Promise<unknown>(resolve => receiver.write(Buffer.concat([frame, frame]), resolve))
    expect(order).toEqual(['x', 'microtask', 'x', 'microtask'])
  })

  test('inflates messages, which Sender deflates', async () => {
    const [client, server] = negotiated(implementation)
    const transport = new PassThrough()
    const sender = new implementation.Sender(transport as never, { 'permessage-deflate': client })
    const options = { binary: false, compress: true, fin: true, mask: true }
    for (const text of ['a'.repeat(5000), 'b'.repeat(5000)]) sender.send(Buffer.from(text), options)
    await new Promise<unknown>(resolve => sender.close(1000, '', true, resolve))
    expect(transport.readableLength).toBeLessThan(1000)
    const receiver = new Receiver({ isServer: true, extensions: { 'permessage-deflate': server } })
    const events = await received(receiver, transport)
    expect(events).toEqual([`message ${'a'.repeat(5000)}`, `message ${'b'.repeat(5000)}`, 'conclude 1000 '])
  })
})

describe.each(IMPLEMENTATIONS)('PerMessageDeflate of %s', (_, implementation) => {
  const { PerMessageDeflate } = implementation

  test('negotiates, compresses and decompresses', async () => {
    expect(PerMessageDeflate.extensionName).toBe('permessage-deflate')
    const [client, server] = negotiated(implementation)
    const data = Buffer.from('text '.repeat(1000))
    const compressed = await new Promise<Buffer>((resolve, reject) =>
      client.compress(data, true, (error, result) => (error ? reject(error) : resolve(result!))),
    )
    expect(compressed.length).toBeLessThan(data.length / 10)
    const result = await new Promise<Buffer>((resolve, reject) =>
      server.decompress(compressed, true, (error, inflated) => (error ? reject(error) : resolve(inflated!))),
    )
    expect(result).toEqual(data)
    client.cleanup()
    server.cleanup()
  })

  test('offers its options', () => {
    const deflate = new PerMessageDeflate({ serverNoContextTakeover: true, clientNoContextTakeover: true })
    expect(deflate.offer()).toMatchObject({
      server_no_context_takeover: true,
      client_no_context_takeover: true,
      client_max_window_bits: true,
    })
  })

  test('declines offers that it cannot accept', () => {
    const server = new PerMessageDeflate({ isServer: true }, true)
    expect(() => server.accept([{ unknown: ['1'] }])).toThrow(Error)
  })
})

describe.each(IMPLEMENTATIONS)('the functions of %s', (_, { extension, subprotocol }) => {
  test('parse and format extensions', () => {
    const parsed = extension.parse('a; b; c=1; c="2", a, d')
    expect(JSON.parse(JSON.stringify(parsed))).toEqual({ a: [{ b: [true], c: ['1', '2'] }, {}], d: [{}] })
    expect(extension.format({ a: [{ b: true, c: '1' }, {}] } as never)).toBe('a; b; c=1, a')
    expect(() => extension.parse('a;=')).toThrow(SyntaxError)
  })

  test('parse subprotocols', () => {
    expect([...subprotocol.parse('a, b')]).toEqual(['a', 'b'])
    expect(() => subprotocol.parse('a, a')).toThrow(SyntaxError)
    expect(() => subprotocol.parse('a b')).toThrow(SyntaxError)
  })
})

/** Both ends of a negotiation with the default options. */
function negotiated({
  PerMessageDeflate,
  extension,
}: Implementation): [PerMessageDeflate, PerMessageDeflate] {
  const client = new PerMessageDeflate({ isServer: false }, false)
  const server = new PerMessageDeflate({ isServer: true }, true)
  const offers = extension.parse(extension.format({ 'permessage-deflate': client.offer() } as never))
  const answer = server.accept(offers['permessage-deflate']!)
  const answers = extension.parse(extension.format({ 'permessage-deflate': answer } as never))
  client.accept(answers['permessage-deflate']!)
  return [client, server]
}

/** The events of a receiver until the end of the transport, or the Close. */
async function received(receiver: Receiver, transport: Readable): Promise<string[]> {
  const events: string[] = []
  for (const name of ['message', 'ping', 'pong']) receiver.on(name, data => events.push(`${name} ${data}`))
  const concluded = new Promise<void>(resolve => {
    receiver.on('conclude', (code, reason) => {
      events.push(`conclude ${code} ${reason}`)
      resolve()
    })
  })
  transport.pipe(receiver)
  await Promise.race([concluded, once(receiver, 'finish')])
  return events
}
