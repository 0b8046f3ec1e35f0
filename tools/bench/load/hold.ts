// Connections that each make the server hold as much memory as they can within the default limits.

import { deflateRawSync } from 'node:zlib'
import { encodeFrame, Opcode } from '@ws/frame'
import { type Client, createFrames, openClients, repeat } from './client.ts'
import type { Held, Job } from './job.ts'

const RSV1 = 0b100
const MASKING_KEY = 0x37fa213d
/** 1,040,000 bytes, just below the largest message. */
const FRAGMENTS = 65_000
const FRAGMENT = new Uint8Array(16)
const INFLATED = 1_000_000

/** Opens the connections, and prints a line once the server holds what they sent. */
export async function hold({ port, connections, held }: Job): Promise<never> {
  const clients = await openClients(port, connections, held === 'bomb')
  const bytes = createBytes(held)
  await Promise.all(
    clients.map(client => (held === 'unread' ? stopReading(client, bytes) : send(client, bytes))),
  )
  console.log('held')
  return await new Promise<never>(() => {})
}

function createBytes(held: Held): Uint8Array {
  // The server answers any message with a flood.
  if (held === 'unread') return createFrames(1, 'text', false).sent
  if (held === 'bomb') {
    const payload = deflateRawSync(new Uint8Array(INFLATED))
    return begin(payload, RSV1)
  }
  const next = encodeFrame({
    opcode: Opcode.continuation,
    payload: FRAGMENT,
    fin: false,
    maskingKey: MASKING_KEY,
  })
  return Buffer.concat([begin(FRAGMENT, 0), repeat(next, FRAGMENTS - 1)])
}

/** The first frame of a message that does not end. */
function begin(payload: Uint8Array, rsv: number): Uint8Array {
  return encodeFrame({ opcode: Opcode.binary, payload, rsv, fin: false, maskingKey: MASKING_KEY })
}

/** Resolves when the flood has begun. */
function stopReading(client: Client, bytes: Uint8Array): Promise<void> {
  return new Promise(resolve => {
    client.receive = () => {
      client.pause()
      resolve()
    }
    client.write(bytes)
  })
}

/** Resolves when a ping after the bytes has been answered. */
function send(client: Client, bytes: Uint8Array): Promise<void> {
  return new Promise(resolve => {
    client.receive = () => resolve()
    client.write(bytes)
    client.write(encodeFrame({ opcode: Opcode.ping, maskingKey: MASKING_KEY }))
  })
}
