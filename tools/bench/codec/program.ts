// A codec without a socket: what the programs of this folder have in common. Each says that it is ready, is told a job as a line, and
// answers with a line.

import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { encodeFrame, Opcode } from '@ws/frame'

/** What is measured. */
export interface CodecJob {
  readonly direction: 'decode' | 'encode'
  readonly type: 'text' | 'binary'
  /** Bytes of payload of a message. */
  readonly size: number
  /** Milliseconds before the measurement, and of the measurement. */
  readonly warmup: number
  readonly duration: number
}

/** What came of it. */
export interface CodecResult {
  readonly messages: number
  /** CPU seconds of the process, the threads that collect its garbage included. */
  readonly cpu: number
}

/** Where this program's packages are. */
export const packages: string = process.argv[2]!

/** A text or bytes. */
type Message = string | Uint8Array

/** What is compared. */
export interface Codec {
  /** A server's decoder: gives each message to `told`. The chunks are its own. */
  createDecoder(told: (message: Message) => void): (chunk: Buffer) => void
  /** A server's encoder: sends each of as many messages, and gives what is then to be written to `write` if it is there. */
  createEncoder(write?: (bytes: Uint8Array) => void): (message: Message, times: number) => void
}

/** A server reads at most so many bytes at a time. */
const READ_SIZE = 64 * 1024
const MASKING_KEY = 0x37fa213d
/** Milliseconds for which messages are coded before other work of the event loop, such as that of streams, has its turn. */
const TURN = 1

/** Waits for a job, does it and says what came of it. */
export async function serve(codec: Codec): Promise<void> {
  const lines = createInterface({ input: process.stdin })
  console.log('ready')
  const [line] = (await once(lines, 'line')) as [string]
  const job = JSON.parse(line) as CodecJob
  const measured = job.direction === 'decode' ? decoding(codec, job) : encoding(codec, job)
  await runFor(measured, job.warmup)
  console.log(JSON.stringify(await runFor(measured, job.duration)))
  process.exit()
}

/** Codes some messages; gives how many. */
type Step = () => number

async function runFor(step: Step, milliseconds: number): Promise<CodecResult> {
  const before = process.cpuUsage()
  let messages = 0
  for (const end = performance.now() + milliseconds; performance.now() < end; await nextTurn()) {
    for (const pause = performance.now() + TURN; performance.now() < pause; ) messages += step()
  }
  const { user, system } = process.cpuUsage(before)
  return { messages, cpu: (user + system) / 1e6 }
}

/** As many frames as fit into a read, or one that takes several; each chunk is filled anew, as a kernel would. */
function decoding(codec: Codec, { size, type }: CodecJob): Step {
  const message = createMessage(size, type)
  const frame = frameOf(message, MASKING_KEY)
  const times = batchOf(frame)
  const stream = Buffer.concat(Array.from({ length: times }, () => frame))
  const chunks = Array.from({ length: Math.ceil(stream.length / READ_SIZE) }, (_, index) => {
    const bytes = stream.subarray(index * READ_SIZE, (index + 1) * READ_SIZE)
    return { bytes, chunk: Buffer.alloc(bytes.length) }
  })
  const feed = (decode: (chunk: Buffer) => void): void => {
    for (const { bytes, chunk } of chunks) {
      chunk.set(bytes)
      decode(chunk)
    }
  }

  const first: Message[] = []
  feed(codec.createDecoder(one => first.push(one)))
  const payload = Buffer.from(message)
  if (first.length !== times || !first.every(one => payload.equals(Buffer.from(one))))
    throw new Error('the decoder told something else')

  let told = 0
  const decode = codec.createDecoder(() => told++)
  return () => {
    const before = told
    feed(decode)
    return told - before
  }
}

/** As many messages as a read would have brought, then what is to be written. */
function encoding(codec: Codec, { size, type }: CodecJob): Step {
  const message = createMessage(size, type)
  const frame = frameOf(message)
  const times = batchOf(frame)

  const written: Uint8Array[] = []
  codec.createEncoder(bytes => written.push(bytes))(message, times)
  if (!Buffer.concat(written).equals(Buffer.concat(Array.from({ length: times }, () => frame))))
    throw new Error('the encoder wrote something else')

  const encode = codec.createEncoder()
  return () => {
    encode(message, times)
    return times
  }
}

function batchOf(frame: Uint8Array): number {
  return Math.max(1, Math.floor(READ_SIZE / frame.length))
}

function createMessage(size: number, type: 'text' | 'binary'): Message {
  const bytes = Buffer.alloc(size, 'The quick brown fox jumps over the lazy dog. ')
  return type === 'text' ? bytes.toString() : bytes
}

function frameOf(message: Message, maskingKey?: number): Uint8Array {
  const opcode = typeof message === 'string' ? Opcode.text : Opcode.binary
  return encodeFrame({
    opcode,
    payload: Buffer.from(message),
    ...(maskingKey !== undefined && { maskingKey }),
  })
}
