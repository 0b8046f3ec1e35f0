// Bytes of one direction, from a dump, as entries of the log.

import { FrameSequence, FrameSplitter, type Side } from '../decode/frame.ts'
import { findFault, parseRequest, parseResponse } from '../decode/handshake.ts'
import { Inflater } from '../decode/inflate.ts'
import type { Log } from './log.ts'

const EMPTY = new Uint8Array(0)

/** Adds the head and frames of a dump to a log. Returns the number of the first entry, if any. */
export function decodeDump(bytes: Uint8Array, log: Log): number | undefined {
  const ids: number[] = []
  const rest = addHead(bytes, log, ids)
  // Frames of clients are masked.
  const from: Side = ((rest[1] ?? 0) & 0x80) === 0 ? 'server' : 'client'
  const sequence = new FrameSequence(from, 0b100)
  const inflater = new Inflater(true)
  const splitter = new FrameSplitter((...parts) => {
    const frame = sequence.add(...parts)
    const entry = { kind: 'frame', connection: 0, time: 0, frame } as const
    const id = log.add({ ...entry, inflated: undefined })
    ids.push(id)
    inflater.add(frame, inflated => log.update(id, { ...entry, inflated }))
  })
  splitter.push(rest)
  splitter.end()
  return ids[0]
}

/** Adds the handshake that the bytes begin with. Returns what follows it. */
function addHead(bytes: Uint8Array, log: Log, ids: number[]): Uint8Array {
  const start = new TextDecoder('latin1').decode(bytes.subarray(0, 5))
  if (start !== 'HTTP/' && !start.startsWith('GET ')) return bytes
  const isResponse = start === 'HTTP/'
  const response = isResponse ? parseResponse(bytes) : undefined
  const request = isResponse ? undefined : parseRequest(bytes)
  const parsed = response ?? request
  if (parsed === undefined) return bytes
  const isHead = 'head' in parsed
  const rest = isHead ? parsed.rest : EMPTY
  const head = bytes.slice(0, bytes.length - rest.length)
  const requestHead = request !== undefined && 'head' in request ? request.head : undefined
  const handshake = {
    requestBytes: isResponse ? EMPTY : head,
    request: requestHead,
    responseBytes: isResponse ? head : EMPTY,
    response: response !== undefined && 'head' in response ? response.head : undefined,
    body: EMPTY,
    fault: isHead ? requestHead && findFault(requestHead) : parsed,
  }
  ids.push(log.add({ kind: 'handshake', connection: 0, time: 0, handshake }))
  return rest
}
