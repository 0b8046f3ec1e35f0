// Paths that send by themselves: numbers, the time, many messages, a large one.

import { Buffer } from 'node:buffer'
import { type BenchPath, definePath, ignore } from '../path.ts'
import { parameter } from '../query.ts'
import { readCount, readSize, readTime, ValueError } from '../values.ts'

/** Bytes of a frame of `/big`. */
const PIECE = 64 * 1024

export const COUNT: BenchPath = definePath({
  route: '/count',
  usage: '/count',
  about: 'Sends the numbers from 1 on as texts, then closes with 1000.',
  parameters: {
    to: parameter('100', 'the last number', 100, text => readCount(text, 1)),
    every: parameter('10ms', 'the time between two', 10, text => readTime(text)),
  },
  async open(visit) {
    const { query, sender, socket } = visit
    for (let i = 1; i <= query.to && socket.state === 'open'; i++) {
      if (i > 1) await visit.wait(query.every)
      await sender.send(String(i))
    }
    socket.close(1000)
  },
  message: ignore,
})

export const TIME: BenchPath = definePath({
  route: '/time',
  usage: '/time',
  about: 'Sends the time of the server as a text (ISO 8601), now and again.',
  parameters: {
    every: parameter('1s', 'the time between two', 1000, text => readTime(text, 1)),
  },
  async open(visit) {
    while (visit.socket.state === 'open') {
      await visit.sender.send(new Date().toISOString())
      await visit.wait(visit.query.every)
    }
  },
  message: ignore,
})

export const FLOOD: BenchPath = definePath({
  route: '/flood',
  usage: '/flood',
  about: 'Sends binary messages as fast as the client reads them, then closes with 1000.',
  parameters: {
    messages: parameter('10000', 'their number', 10_000, text => readCount(text, 1)),
    size: parameter('100', 'the bytes of each', 100, text => readSize(text)),
  },
  upgrade({ query, limits }) {
    checkTotal(query.messages * query.size, limits.maxBytes)
    return undefined
  },
  async open({ query, sender, socket }) {
    const message = Buffer.alloc(query.size, 'echo')
    for (let i = 0; i < query.messages && socket.state === 'open'; i++) await sender.send(message)
    socket.close(1000)
  },
  message: ignore,
})

export const BIG: BenchPath = definePath({
  route: '/big',
  usage: '/big',
  about: 'Sends one binary message in frames of 64 KiB, or of `fragment`, then closes with 1000.',
  parameters: {
    size: parameter('64MB', 'its bytes', 64e6, text => readSize(text, 1)),
  },
  upgrade({ query, limits }) {
    checkTotal(query.size, limits.maxBytes)
    return undefined
  },
  async open({ query, sender, socket, delivery }) {
    await sender.sendPieces(piecesOf(query.size, delivery.fragment ?? PIECE))
    socket.close(1000)
  },
  message: ignore,
})

function checkTotal(bytes: number, maxBytes: number): void {
  if (bytes > maxBytes) throw new ValueError(`${bytes} bytes are more than this server allows (${maxBytes})`)
}

function* piecesOf(size: number, pieceSize: number): Generator<Uint8Array, void, undefined> {
  const piece = Buffer.alloc(Math.min(size, pieceSize), 'echo')
  for (let left = size; left > 0; left -= piece.length) yield piece.subarray(0, Math.min(left, piece.length))
}
