// Messages in every segmentation of the stream (docs/hostile-inputs.md, rows T9–T11).

import { concat, RawPeer, segmentations, upgradeRequest, utf8 } from '@ws/testing'
import { describe, expect, test } from 'vitest'
import type { Socket } from '../src/index.ts'
import { binary, close, FramePeer, frame, ping, text } from './frame-peer.ts'
import { gate, RecordingServer } from './recording-server.ts'

const echo = { message: (socket: Socket, data: string | Uint8Array) => socket.send(data) }
const slowEcho = {
  open: () => new Promise<void>(setImmediate),
  async message(socket: Socket, data: string | Uint8Array) {
    await new Promise(setImmediate)
    socket.send(data)
  },
}

describe.each([
  ['with synchronous handlers', echo],
  ['with asynchronous handlers', slowEcho],
])('T9: bytes in the same packet as the request, %s', (_, handlers) => {
  test('can be one frame', async () => {
    await using recorder = await RecordingServer.start(handlers)
    await using peer = await FramePeer.open(recorder.port, { first: text('whole') })
    expect(await peer.frames(1)).toEqual(['text whole'])
  })

  test('can be half a frame', async () => {
    await using recorder = await RecordingServer.start(handlers)
    const bytes = text('in two halves')
    await using peer = await FramePeer.open(recorder.port, { first: bytes.subarray(0, 9) })
    await peer.send(bytes.subarray(9))
    expect(await peer.frames(1)).toEqual(['text in two halves'])
  })

  test('can be three frames, before three more', async () => {
    await using recorder = await RecordingServer.start(handlers)
    const first = concat(text('a'), binary(Uint8Array.of(1, 2)), text('c'))
    await using peer = await FramePeer.open(recorder.port, { first })
    await peer.send(text('d'), text('e'), text('f'))
    expect(await peer.frames(6)).toEqual(['text a', 'binary 2 bytes', 'text c', 'text d', 'text e', 'text f'])
  })

  test('can be a text and a Close', async () => {
    await using recorder = await RecordingServer.start(handlers)
    await using peer = await FramePeer.open(recorder.port, {
      first: concat(text('last'), close(1000, 'bye')),
    })
    expect(await peer.ended()).toEqual(['text last', 'close 1000 bye'])
    expect(recorder.names).toEqual(['open', 'message', 'close'])
    expect(recorder.reports).toEqual([{ code: 1000, reason: 'bye', wasClean: true, by: 'peer' }])
  })
})

test('T9: delivers no message before the open handler has settled', async () => {
  const { opened, open } = gate()
  await using recorder = await RecordingServer.start({ open: () => opened, ...echo })
  await using peer = await FramePeer.open(recorder.port, { first: text('early') })
  await peer.send(text('later'))
  // Opening a second connection leaves the server time to read the first one.
  await using _other = await FramePeer.open(recorder.port)
  await recorder.until('open', 2)
  expect(recorder.messages).toEqual([])
  open()
  expect(await peer.frames(2)).toEqual(['text early', 'text later'])
})

test('T10: delivers the same messages for every segmentation of request and frames', async () => {
  const stream = concat(
    utf8(upgradeRequest('/path')),
    text('Straße 𝄞'),
    frame(1, utf8('frag'), { fin: false }),
    ping('between'),
    frame(0, utf8('ment')),
    binary(Uint8Array.from({ length: 300 }, (_, i) => i)),
    text(''),
    close(3000, 'done'),
  )
  for (const { segments } of segmentations(stream, [1, 2])) {
    await using recorder = await RecordingServer.start(echo)
    await using peer = await RawPeer.connect(recorder.port)
    for (const segment of segments) await peer.write(segment)
    const received = Buffer.from(await peer.ended()).toString('latin1')
    expect(received).toContain('\x8a\x07between')
    expect(
      received.endsWith(
        '\x81\x08fragment\x82\x7e\x01\x2c' +
          Buffer.from(Array.from({ length: 300 }, (_, i) => i & 255)).toString('latin1') +
          '\x81\x00\x88\x06\x0b\xb8done',
      ),
    ).toBe(true)
    expect(recorder.messages).toEqual([
      'Straße 𝄞',
      'fragment',
      Uint8Array.from({ length: 300 }, (_, i) => i),
      '',
    ])
    expect(recorder.reports).toEqual([{ code: 3000, reason: 'done', wasClean: true, by: 'peer' }])
  }
})

test('T11: delivers 10,000 empty texts in one segment as 10,000 messages', async () => {
  await using recorder = await RecordingServer.start(echo)
  await using peer = await FramePeer.open(recorder.port)
  await peer.send(...Array.from({ length: 10_000 }, () => text('')))
  expect(await peer.frames(10_000)).toEqual(Array(10_000).fill('text '))
})

test('T11: delivers them in order and one at a time to an asynchronous handler', async () => {
  let running = 0
  let most = 0
  await using recorder = await RecordingServer.start({
    async message(socket, data) {
      most = Math.max(most, ++running)
      if (Number(data) % 100 === 0) await new Promise(setImmediate)
      else await Promise.resolve()
      running--
      socket.send(data)
    },
  })
  await using peer = await FramePeer.open(recorder.port)
  const numbers = Array.from({ length: 10_000 }, (_, i) => String(i))
  await peer.send(...numbers.map(number => text(number)))
  expect(await peer.frames(10_000)).toEqual(numbers.map(number => `text ${number}`))
  expect(most).toBe(1)
})
