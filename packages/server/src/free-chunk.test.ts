import { Socket } from 'node:net'
import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { freeChunk } from './free-chunk.ts'

function socketWith(listeners: number): Socket {
  const socket = new Socket()
  for (let i = 0; i < listeners; i++) socket.on('data', () => {})
  return socket
}

test('a large chunk of a socket is empty afterwards', () => {
  const chunk = Buffer.allocUnsafeSlow(65_536)
  freeChunk(socketWith(1), chunk)
  expect(chunk).toHaveLength(0)
})

test('what others may use stays', () => {
  const memory = Buffer.allocUnsafeSlow(65_536)
  freeChunk(socketWith(1), memory.subarray(1))
  freeChunk(socketWith(1), memory.subarray(0, 65_535))
  freeChunk(socketWith(2), memory)
  freeChunk(new PassThrough(), memory)
  expect(memory).toHaveLength(65_536)
})

test('so does a small chunk', () => {
  const chunk = Buffer.allocUnsafeSlow(16_383)
  freeChunk(socketWith(1), chunk)
  expect(chunk).toHaveLength(16_383)
})
