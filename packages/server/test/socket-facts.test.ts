// The facts of the opening handshake that a socket keeps: its extension, and its request.

import type { NegotiableExtension } from '@ws/protocol'
import { expect, test } from 'vitest'
import { FramePeer } from './frame-peer.ts'
import { RecordingServer } from './recording-server.ts'

/** Accepts each offer with two parameters, and changes nothing. */
const extension: NegotiableExtension = {
  name: 'permessage-example',
  offers: [],
  accept: () => ({
    params: [
      ['quick', true],
      ['level', '7'],
    ],
    create: () => ({
      name: 'permessage-example',
      reservedBits: 0,
      receiving() {
        throw new Error('unexpected')
      },
      sending: () => undefined,
      close() {},
    }),
  }),
  confirm: () => 'unexpected',
}

test('a socket has the extensions of its handshake, as in the 101', async () => {
  await using recorder = await RecordingServer.start({ extensions: [extension] })
  const lines = { 'Sec-WebSocket-Extensions': 'permessage-example' }
  await using peer = await FramePeer.open(recorder.port, { lines })
  await using _plain = await FramePeer.open(recorder.port)
  const [socket, plain] = recorder.server.sockets
  expect(socket!.extensions).toBe('permessage-example; quick; level=7')
  expect(peer.head).toContain(socket!.extensions)
  expect(plain!.extensions).toBe('')
})

test('`upgrade` replaces the extensions of one connection, or declines them', async () => {
  await using recorder = await RecordingServer.start({
    extensions: [extension],
    upgrade: ({ path }) => (path === '/none' ? { extensions: [] } : {}),
  })
  const lines = { 'Sec-WebSocket-Extensions': 'permessage-example' }
  await using agreed = await FramePeer.open(recorder.port, { lines })
  await using declined = await FramePeer.open(recorder.port, { lines, path: '/none' })
  expect(agreed.head).toContain('permessage-example')
  expect(declined.head).not.toContain('permessage-example')
})

test('a socket keeps the head of its request with keepRequest, and nothing of it without', async () => {
  for (const keepRequest of [true, false]) {
    await using recorder = await RecordingServer.start({ keepRequest })
    const options = { path: '/a%20b?q=1', lines: { 'X-Custom': 'ü', Cookie: 'session=7' } }
    await using _peer = await FramePeer.open(recorder.port, options)
    const [socket] = recorder.server.sockets
    if (keepRequest) {
      expect(socket!.request).toMatchObject({ method: 'GET', target: '/a%20b?q=1' })
      expect(socket!.request!.headers.get('cookie')).toBe('session=7')
      expect(socket!.request!.headers.get('x-custom')).toBe('ü')
    } else expect(socket!.request).toBe(undefined)
    expect(Object.keys(socket!)).not.toContain('request')
  }
})

test('keepRequest may differ between routes', async () => {
  await using recorder = await RecordingServer.start()
  const kept = recorder.server.route('/kept', { keepRequest: true, open() {} })
  await using _kept = await FramePeer.open(recorder.port, { path: '/kept' })
  await using _other = await FramePeer.open(recorder.port)
  expect(Array.from(kept.sockets, socket => socket.request?.target)).toEqual(['/kept'])
  expect(Array.from(recorder.server.sockets, socket => socket.request)).toEqual([undefined])
})
