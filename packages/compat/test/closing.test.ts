// The end of a WebSocket: `close`, `terminate`, `readyState`, errors and their codes.

import { once } from 'node:events'
import { encodeFrame, type Frame, Opcode, writeClosePayload } from '@ws/frame'
import { RawPeer, upgradeRequest, utf8 } from '@ws/testing'
import { describe, expect, test } from 'vitest'
import type { WebSocket } from '../src/index.ts'
import { closed, connect, IMPLEMENTATIONS, type Implementation, listen } from './implementations.ts'

describe.each(IMPLEMENTATIONS)('a WebSocket of %s', (_, implementation) => {
  test('has the states as constants of the class and of its instances', async () => {
    const { WebSocket } = implementation
    const { client } = await connect(implementation)
    for (const object of [WebSocket, client]) {
      const { CONNECTING, OPEN, CLOSING, CLOSED } = object
      expect([CONNECTING, OPEN, CLOSING, CLOSED]).toEqual([0, 1, 2, 3])
    }
    expect(() => Object.assign(WebSocket, { OPEN: 7 })).toThrow(TypeError)
  })

  test('goes through all states', async () => {
    const { url } = await listen(implementation)
    const client = new implementation.WebSocket(url)
    const states: number[] = [client.readyState]
    await once(client, 'open')
    states.push(client.readyState)
    client.close()
    states.push(client.readyState)
    await once(client, 'close')
    expect([...states, client.readyState]).toEqual([0, 1, 2, 3])
  })

  test('closes with a code and a reason, of which the peer gets an echo', async () => {
    const { client, socket } = await connect(implementation)
    const both = Promise.all([closed(client), closed(socket)])
    client.close(4000, 'reason')
    client.close(4001, 'too late')
    expect(await both).toEqual([
      [4000, 'reason'],
      [4000, 'reason'],
    ])
    client.close()
    client.terminate()
  })

  test('takes the reason as a Buffer', async () => {
    const { client, socket } = await connect(implementation)
    client.close(1000, Buffer.from('bye'))
    expect(await closed(socket)).toEqual([1000, 'bye'])
  })

  test('closes with 1005 without a code', async () => {
    const { client, socket } = await connect(implementation)
    const both = Promise.all([closed(client), closed(socket)])
    client.close()
    expect(await both).toEqual([
      [1005, ''],
      [1005, ''],
    ])
  })

  test.each([0, 999, 1004, 1005, 1006, 1015, 2000, 5000, '1000'])('refuses the code %s', async code => {
    const { client } = await connect(implementation)
    expect(() => client.close(code as number)).toThrow(TypeError)
    expect(client.readyState).not.toBe(client.CLOSED)
  })

  test('refuses a reason above 123 bytes', async () => {
    const { client } = await connect(implementation)
    expect(() => client.close(1000, 'ä'.repeat(62))).toThrow(RangeError)
  })

  test('emits messages until the peer has answered its Close', async () => {
    const { client, socket } = await connect(implementation)
    const received: string[] = []
    client.on('message', data => received.push(String(data)))
    socket.send('before')
    client.close()
    socket.send('in the meantime')
    await once(client, 'close')
    expect(received).toEqual(['before', 'in the meantime'])
  })

  test('ends with 1006 when it is terminated', async () => {
    const { client, socket } = await connect(implementation)
    const both = Promise.all([closed(client), closed(socket)])
    client.terminate()
    expect(client.readyState).toBe(client.CLOSING)
    expect(await both).toEqual([
      [1006, ''],
      [1006, ''],
    ])
  })

  test('fails when it is closed or terminated while connecting', async () => {
    const { url } = await listen(implementation)
    for (const method of ['close', 'terminate'] as const) {
      const client = new implementation.WebSocket(url)
      const failure = once(client, 'error')
      client[method]()
      expect(client.readyState).toBe(client.CLOSING)
      expect(String(await failure)).toContain('WebSocket was closed before the connection was established')
      if (client.readyState !== client.CLOSED) await once(client, 'close')
    }
  })

  test('terminates a peer that does not answer its Close within closeTimeout', async () => {
    const { server, port } = await listen(implementation, { closeTimeout: 50 })
    const connection = once(server, 'connection')
    await using peer = await RawPeer.connect(port)
    await peer.write(upgradeRequest())
    const [socket] = (await connection) as [WebSocket]
    socket.close(1000)
    expect(await closed(socket)).toEqual([1006, ''])
  })

  const frame = (fields: Frame): Uint8Array => encodeFrame({ maskingKey: 1, ...fields })
  const text = utf8('text')

  test.each([
    ['WS_ERR_EXPECTED_FIN', 1002, frame({ opcode: Opcode.ping, fin: false })],
    ['WS_ERR_EXPECTED_MASK', 1002, encodeFrame({ opcode: Opcode.text, payload: text })],
    ['WS_ERR_INVALID_CLOSE_CODE', 1002, frame({ opcode: Opcode.close, payload: Uint8Array.of(0, 1) })],
    [
      'WS_ERR_INVALID_CONTROL_PAYLOAD_LENGTH',
      1002,
      frame({ opcode: Opcode.ping, payload: new Uint8Array(126) }),
    ],
    [
      'WS_ERR_INVALID_CONTROL_PAYLOAD_LENGTH',
      1002,
      frame({ opcode: Opcode.close, payload: Uint8Array.of(3) }),
    ],
    ['WS_ERR_INVALID_OPCODE', 1002, frame({ opcode: 3 })],
    ['WS_ERR_INVALID_OPCODE', 1002, frame({ opcode: 0xb })],
    ['WS_ERR_INVALID_OPCODE', 1002, frame({ opcode: Opcode.continuation })],
    ['WS_ERR_INVALID_UTF8', 1007, frame({ opcode: Opcode.text, payload: Uint8Array.of(0xff) })],
    ['WS_ERR_UNEXPECTED_RSV_1', 1002, frame({ opcode: Opcode.text, rsv: 4 })],
    ['WS_ERR_UNEXPECTED_RSV_2_3', 1002, frame({ opcode: Opcode.text, rsv: 2 })],
    ['WS_ERR_UNEXPECTED_RSV_2_3', 1002, frame({ opcode: Opcode.text, rsv: 1 })],
    ['WS_ERR_UNSUPPORTED_MESSAGE_LENGTH', 1009, frame({ opcode: Opcode.text, payload: new Uint8Array(101) })],
    [
      'WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH',
      [1002, 1009],
      frame({ opcode: Opcode.binary, lengthSize: 8, payloadLength: 2 ** 63 }),
    ],
  ] as const)('fails with %s, and tells the peer %s', async (code, closeCode, bytes) => {
    const { socket, peer } = await withRawPeer(implementation)
    const { promise: failure, resolve } = Promise.withResolvers<NodeJS.ErrnoException>()
    socket.on('error', resolve)
    const end = closed(socket)
    await peer.write(bytes)
    expect(await failure).toMatchObject({ code, message: expect.any(String) })
    const received = await peer.ended()
    const head = received.length - lastFrame(received).length
    expect([closeCode].flat()).toContain(new DataView(received.slice(head).buffer).getUint16(2))
    peer.end()
    expect(await end).toEqual([1006, ''])
  })

  test('reports a vanished peer with 1006 and without an error', async () => {
    const { socket, peer } = await withRawPeer(implementation)
    const errors: Error[] = []
    socket.on('error', error => errors.push(error))
    const end = closed(socket)
    peer.end()
    expect(await end).toEqual([1006, ''])
    expect(errors).toEqual([])
  })

  test('emits what has arrived before the end', async () => {
    const { socket, peer } = await withRawPeer(implementation)
    const received: string[] = []
    socket.on('message', data => received.push(String(data)))
    const close = frame({ opcode: Opcode.close, payload: writeClosePayload(1001, 'gone') })
    const end = closed(socket)
    await peer.write(Buffer.concat([frame({ opcode: Opcode.text, payload: text }), close]))
    await peer.ended()
    peer.end()
    expect(await end).toEqual([1001, 'gone'])
    expect(received).toEqual(['text'])
  })
})

/** A raw client of a server that accepts messages of 100 bytes. */
async function withRawPeer(
  implementation: Implementation,
): Promise<{ readonly socket: WebSocket; readonly peer: RawPeer }> {
  const { server, port } = await listen(implementation, { maxPayload: 100 })
  const connection = once(server, 'connection')
  const peer = await RawPeer.connect(port)
  await peer.write(upgradeRequest())
  const [socket] = (await connection) as [WebSocket]
  await peer.head()
  return { socket, peer }
}

/** The Close frame at the end of the received bytes: the last that begins with its first byte. */
function lastFrame(received: Uint8Array): Uint8Array {
  return received.subarray(received.lastIndexOf(0x88))
}
