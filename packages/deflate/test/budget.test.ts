// Decompression bombs count towards the budget of a server.

import { deflateRawSync } from 'node:zlib'
import { decodeFrames, encodeFrame, Opcode, readClosePayload } from '@ws/frame'
import { WebSocketServer } from '@ws/server'
import { headLength, RawPeer, upgradeRequest } from '@ws/testing'
import { expect, test } from 'vitest'
import { permessageDeflate } from '../src/index.ts'
import { RSV1 } from './ends.ts'

const KIBIBYTE = 1024

/** The first fragment of a compressed message of zeros that goes on. */
function bomb(size: number): Uint8Array {
  const payload = deflateRawSync(new Uint8Array(size))
  return encodeFrame({ opcode: Opcode.binary, payload, rsv: RSV1, fin: false, maskingKey: 0x1234_5678 })
}

async function open(port: number): Promise<RawPeer> {
  const peer = await RawPeer.connect(port)
  await peer.write(upgradeRequest('/', { 'Sec-WebSocket-Extensions': 'permessage-deflate' }))
  expect(await peer.head()).toContain('permessage-deflate')
  return peer
}

test('R13: peers whose decompressed messages exceed the budget are closed with 1013 until the rest is within it', async () => {
  await using server = new WebSocketServer({
    extensions: [permessageDeflate()],
    maxTotalBuffered: 4608 * KIBIBYTE,
  })
  const { port } = await server.listen(0)
  const peers = await Promise.all(Array.from({ length: 6 }, () => open(port)))
  const [small, ...others] = peers
  await small!.write(bomb(100))
  // A kibibyte each, which takes a mebibyte: four are within the budget.
  for (const peer of others) await peer.write(bomb(800 * KIBIBYTE))
  const { frames } = await Promise.any(
    others.map(async peer => {
      const bytes = await peer.ended()
      return decodeFrames('client', bytes.subarray(headLength(bytes)))
    }),
  )
  expect(frames.map(({ payload }) => readClosePayload(payload, 0, payload.length).code)).toEqual([1013])
  expect(server.stats()).toMatchObject({ overflowed: 1, sockets: 5 })
  expect(server.stats().unread).toBeGreaterThan(3 * KIBIBYTE ** 2)
  await small!.write(encodeFrame({ opcode: Opcode.close, maskingKey: 1 }))
  await small!.ended()
  for (const peer of peers) peer.reset()
})
