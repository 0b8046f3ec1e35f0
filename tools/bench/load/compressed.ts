// Load that is compressed, both ways: JSON as a client with permessage-deflate sends it, with no reference to earlier messages. Replies
// have any length, so their frames are counted; what is in the first of each connection is inflated and compared.

import { Buffer } from 'node:buffer'
import { constants, deflateRawSync, inflateRawSync } from 'node:zlib'
import { encodeFrame, Opcode } from '@ws/frame'
import { type Client, openClients } from './client.ts'
import type { Job, LoadResult } from './job.ts'
import { measure } from './measure.ts'

const RSV1 = 0b100
const TAIL = Buffer.of(0, 0, 0xff, 0xff)

/** Records of somebody's, as many as fit, filled up to exactly that many bytes. */
function createJson(size: number): Buffer {
  const records: object[] = []
  let text = ''
  for (let i = 0; text.length < size; i++) {
    const number = (i * 7919 + 104_729) % 99_991
    records.push({
      id: number,
      name: `user ${number % 577}`,
      email: `u${number}@example.com`,
      active: i % 3 > 0,
    })
    text = JSON.stringify(records)
  }
  return Buffer.from(text.slice(0, size))
}

/** Keeps messages under way on each connection, one for each reply. */
export async function compressedEcho(job: Job): Promise<LoadResult> {
  const { payload, frame } = createMessage(job.size)
  let total = 0
  const clients = await openClients(job.port, job.connections, true)
  for (const client of clients) {
    read(client, payload, () => {
      total++
      client.write(frame)
    })
    for (let i = 0; i < job.inFlight; i++) client.write(frame)
  }
  return measure(job, () => total)
}

/** One connection publishes, and does so again when all have it. */
export async function compressedPublish(job: Job): Promise<LoadResult> {
  const { payload, frame } = createMessage(job.size)
  const clients = await openClients(job.port, job.connections, true)
  let total = 0
  let complete = 0
  for (const client of clients) {
    read(client, payload, () => {
      total++
      if (++complete < clients.length) return
      complete = 0
      clients[0]!.write(frame)
    })
  }
  clients[0]!.write(frame)
  return measure(job, () => total)
}

/** Each connection sends so many messages, one for each reply. Resolves when all have all. */
export async function compressedTalk(
  clients: readonly Client[],
  size: number,
  messages: number,
): Promise<void> {
  const { payload, frame } = createMessage(size)
  await Promise.all(
    clients.map(
      client =>
        new Promise<void>(resolve => {
          let missing = messages
          read(client, payload, () => {
            if (--missing === 0) resolve()
            else client.write(frame)
          })
          client.write(frame)
        }),
    ),
  )
}

function createMessage(size: number): { payload: Buffer; frame: Uint8Array } {
  const payload = createJson(size)
  const packed = deflateRawSync(payload, { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -TAIL.length)
  return { payload, frame: encodeFrame({ opcode: Opcode.text, rsv: RSV1, payload: packed, maskingKey: 1 }) }
}

/** Calls `reply` for each frame that comes; the first must be `payload`, compressed. */
function read(client: Client, payload: Buffer, reply: () => void): void {
  let rest = Buffer.alloc(0)
  /** Bytes of the current frame that have not come. */
  let missing = 0
  let checked = false
  client.receive = (length, bytes) => {
    let at = Math.min(missing, length)
    missing -= at
    if (at > 0 && missing === 0) reply()
    if (at === length) return
    // Of a frame whose header has not come whole, or that is to be looked at, what there is so far.
    let chunk = Buffer.from(bytes.subarray(at, length))
    if (rest.length > 0) chunk = Buffer.concat([rest, chunk])
    for (at = 0; ; ) {
      const header = readHeader(chunk, at)
      if (header === undefined || (!checked && header.end > chunk.length)) break
      if (!checked) check(chunk.subarray(at, header.end), header.start - at, payload)
      checked = true
      at = header.end
      if (at >= chunk.length) break
      reply()
    }
    rest = at < chunk.length ? chunk.subarray(at) : Buffer.alloc(0)
    missing = Math.max(0, at - chunk.length)
    if (at > 0 && at === chunk.length) reply()
  }
}

/** Where the payload of an unmasked frame begins and ends; undefined if its header is not all there. */
function readHeader(chunk: Buffer, at: number): { start: number; end: number } | undefined {
  if (chunk.length < at + 2) return undefined
  const short = chunk[at + 1]! & 0x7f
  const start = at + (short < 126 ? 2 : short === 126 ? 4 : 10)
  if (chunk.length < start) return undefined
  const size = short < 126 ? short : short === 126 ? chunk.readUInt16BE(at + 2) : chunk.readUInt32BE(at + 6)
  return { start, end: start + size }
}

function check(frame: Buffer, start: number, payload: Buffer): void {
  if ((frame[0]! & 0x70) !== 0x40) throw new Error('the server sent what is not compressed')
  const inflated = inflateRawSync(Buffer.concat([frame.subarray(start), TAIL]), {
    finishFlush: constants.Z_SYNC_FLUSH,
  })
  if (!inflated.equals(payload)) throw new Error('the server sent something else back')
}
