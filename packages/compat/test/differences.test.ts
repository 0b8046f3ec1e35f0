// The deliberate differences from `ws`: the rows of the table in the README, each of them with the
// behavior of `ws` beside ours, and with the way back.

import { fork } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { decodeFrames, encodeFrame, Opcode, readClosePayload } from '@ws/frame'
import { RawPeer, upgradeRequest, utf8 } from '@ws/testing'
import { describe, expect, test } from 'vitest'
import type { WebSocket } from '../src/index.ts'
import { closed, connect, type Implementation, listen, messages, OURS, THEIRS } from './implementations.ts'

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')

/** A test of one row of the table. */
function row(name: string, run: () => Promise<void>): void {
  test(name, async () => {
    expect(readme).toContain(`| ${name} |`)
    await run()
  })
}

describe('a difference from ws', () => {
  row('An `error` event without a listener does not end the process', async () => {
    expect(await exitCode('@ws/compat', '')).toBe(0)
    expect(await exitCode('ws', '')).not.toBe(0)
    const wayBack = `socket.on('error', error => { throw error })`
    expect(await exitCode('@ws/compat', wayBack)).not.toBe(0)
  })

  row('Version 8 of the protocol is refused', async () => {
    const request = upgradeRequest('/', { 'Sec-WebSocket-Version': '8' })
    expect(await statusOf(OURS, request)).toBe(426)
    expect(await statusOf(THEIRS, request)).toBe(101)
    expect(() => new OURS.WebSocket('ws://localhost', { protocolVersion: 8 })).toThrow(RangeError)
  })

  row('A request that is no valid upgrade gets the status of the RFC', async () => {
    const request = upgradeRequest('/', { Upgrade: 'other' })
    expect(await statusOf(OURS, request)).toBe(426)
    expect(await statusOf(THEIRS, request)).toBe(400)
  })

  row('A Close for a fault of the peer says why', async () => {
    const [code, reason] = await closeForUnmaskedFrame(OURS)
    expect([code, reason]).toEqual([1002, 'unmasked frame from a client (RFC 6455 §5.1)'])
    expect(await closeForUnmaskedFrame(THEIRS)).toEqual([1002, ''])
  })

  row('`skipUTF8Validation` is ignored', async () => {
    const invalid = (implementation: Implementation): Promise<unknown> =>
      outcomeOf(implementation, { skipUTF8Validation: true }, peer =>
        peer.write(encodeFrame({ opcode: Opcode.text, payload: Uint8Array.of(0xff), maskingKey: 1 })),
      )
    expect(await invalid(OURS)).toBe('WS_ERR_INVALID_UTF8')
    expect(await invalid(THEIRS)).toBe('message')
  })

  row('Bytes that are sent as text must be valid UTF-8', async () => {
    const ours = await connect(OURS)
    expect(() => ours.client.send(Buffer.of(0xff), { binary: false })).toThrow(TypeError)
    const theirs = await connect(THEIRS)
    expect(() => theirs.client.send(Buffer.of(0xff), { binary: false })).not.toThrow()
  })

  row('The option `mask` is ignored', async () => {
    const { client, socket } = await connect(OURS)
    const received = messages(socket, 1)
    client.send('x', { mask: false })
    expect(await received).toEqual(['x'])
    const theirs = await connect(THEIRS)
    const failed = once(theirs.socket, 'error')
    theirs.client.send('x', { mask: false })
    expect((await failed)[0].code).toBe('WS_ERR_EXPECTED_MASK')
  })

  row('`fragments` is an array of one Buffer', async () => {
    for (const [implementation, count] of [
      [OURS, 1],
      [THEIRS, 2],
    ] as const) {
      const { client, socket } = await connect(implementation)
      socket.binaryType = 'fragments'
      client.send(Buffer.of(1), { fin: false })
      client.send(Buffer.of(2))
      const [fragments] = await once(socket, 'message')
      expect([fragments.length, Buffer.concat(fragments)]).toEqual([count, Buffer.of(1, 2)])
    }
  })

  row('A subprotocol that is listed twice is accepted', async () => {
    const request = upgradeRequest('/', { 'Sec-WebSocket-Protocol': 'a, a' })
    expect(await statusOf(OURS, request)).toBe(101)
    expect(await statusOf(THEIRS, request)).toBe(400)
  })

  row('Messages of one turn of the event loop are written together', async () => {
    /** Writes that have been made when `send` has returned for the third time. */
    const writes = async (implementation: Implementation, wayBack = false): Promise<number> => {
      const { client, socket } = await connect(implementation)
      const received = messages(socket, 3)
      const transport = client._socket!
      let count = 0
      const write = transport.write as (...args: unknown[]) => boolean
      transport.write = ((...args: unknown[]) => {
        count++
        return write.apply(transport, args)
      }) as never
      for (const text of ['a', 'b', 'c']) {
        client.send(text)
        if (wayBack) expect(client.bufferedAmount).toBe(0)
      }
      const result = count
      await received
      return result
    }
    expect(await writes(OURS)).toBe(0)
    expect(await writes(OURS, true)).toBe(3)
    expect(await writes(THEIRS)).toBeGreaterThanOrEqual(3)
  })

  row('Silent peers are pinged, and terminated when they do not answer', async () => {
    const { server, port } = await listen(OURS, { pingInterval: 100, pongTimeout: 100 })
    const connection = once(server, 'connection')
    await using peer = await RawPeer.connect(port)
    await peer.write(upgradeRequest())
    const [socket] = (await connection) as [WebSocket]
    expect(await closed(socket)).toEqual([1006, ''])
    expect(peer.received.includes(0x89)).toBe(true)
  })

  row('The pongs of these pings are not emitted', async () => {
    const { client, socket } = await connect(OURS, { pingInterval: 50 })
    const pongs: string[] = []
    socket.on('pong', data => pongs.push(String(data)))
    await once(client, 'ping')
    await once(client, 'ping')
    client.pong('mine')
    await once(socket, 'pong')
    expect(pongs).toEqual(['mine'])
  })

  row('A peer that accepts no data is terminated after `writeTimeout`', async () => {
    const { client, socket } = await connect(OURS, {
      writeTimeout: 200,
      pingInterval: Number.POSITIVE_INFINITY,
    })
    client.pause()
    const end = closed(socket)
    const chunk = Buffer.alloc(2 ** 20)
    for (let i = 0; i < 32; i++) socket.send(chunk)
    expect(await end).toEqual([1006, ''])
  })

  row('A message must be complete within `messageTimeout`', async () => {
    expect(
      await outcomeOf(OURS, { messageTimeout: 100 }, peer =>
        peer.write(encodeFrame({ opcode: Opcode.text, payload: utf8('part'), fin: false, maskingKey: 1 })),
      ),
    ).toBe('ERR_WS_MESSAGE_TIMEOUT')
  })

  row('`maxPayload` is at most 512 MiB', async () => {
    const { client, socket } = await connect(OURS, { maxPayload: 2 ** 40 })
    const received = messages(socket, 1)
    client.send('x')
    expect(await received).toEqual(['x'])
  })
})

describe('an error of a listener', () => {
  test.each(['@ws/compat', 'ws'])('is an uncaught exception in %s', async name => {
    expect(await exitCode(name, `socket.on('message', () => { throw new Error('bug') })`, 'send')).not.toBe(0)
  })
})

/**
 * The exit code of a server with these additions, whose client sends an invalid frame, or a message
 * if `action` is `send`.
 */
async function exitCode(name: string, code: string, action = 'fail'): Promise<number> {
  const child = fork(new URL('fixtures/server.ts', import.meta.url), [name, code, action], {
    stdio: 'ignore',
  })
  const [exit] = await once(child, 'exit')
  return exit as number
}

async function statusOf(implementation: Implementation, request: string): Promise<number> {
  const { port } = await listen(implementation)
  await using peer = await RawPeer.connect(port)
  await peer.write(request)
  return Number((await peer.head()).split(' ')[1])
}

/** What a server's socket emits first for the bytes of a peer: the code of an error, or `message`. */
async function outcomeOf(
  implementation: Implementation,
  options: object,
  act: (peer: RawPeer) => Promise<void>,
): Promise<unknown> {
  const { server, port } = await listen(implementation, options)
  const connection = once(server, 'connection')
  await using peer = await RawPeer.connect(port)
  await peer.write(upgradeRequest())
  const [socket] = (await connection) as [WebSocket]
  const { promise, resolve } = Promise.withResolvers<unknown>()
  socket.on('error', error => resolve((error as NodeJS.ErrnoException).code))
  socket.on('message', () => resolve('message'))
  await act(peer)
  return await promise
}

async function closeForUnmaskedFrame(implementation: Implementation): Promise<readonly [number, string]> {
  const { server, port } = await listen(implementation)
  server.on('connection', socket => socket.on('error', () => {}))
  await using peer = await RawPeer.connect(port)
  await peer.write(upgradeRequest())
  const { length } = await peer.head()
  await peer.write(encodeFrame({ opcode: Opcode.text }))
  const { frames } = decodeFrames('client', (await peer.ended()).slice(length))
  const { payload } = frames.at(-1)!
  const { code, reason } = readClosePayload(payload, 0, payload.length)
  return [code, reason]
}
