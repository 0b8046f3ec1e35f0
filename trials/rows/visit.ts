// One peer's visit to a server: it sends what a row says in the writes that a cut says, and tells what came back. Knows nothing of
// what should have come.

import { decodeFrames, readClosePayload } from '@ws/frame'
import { headLength, type RawPeer, upgradeRequest } from '@ws/testing'
import { type Carrier, connect } from './carriers.ts'

/** Milliseconds that a server has to end a connection, where it should. */
const PATIENCE = 10_000

/** A response to a head. */
export interface Answer {
  /** The status, or 0 for none. */
  readonly status: number
  /** Its lines, the first left out. */
  readonly lines: readonly string[]
  readonly body: string
  /** How the connection ended: by the server's FIN, by its reset, or not within the patience there was. */
  readonly end: End
}

/** The frames that came back. */
export interface Conversation {
  readonly pongs: readonly string[]
  /** Messages, or control frames that nobody expects. */
  readonly others: number
  readonly close: { readonly code: number; readonly reason: string } | undefined
  readonly end: End
}

type End = 'FIN' | 'RST' | 'nothing'

/** Sends a head, or as much of it as there is no answer to. A 101 is not waited behind: whoever gets one goes. */
export async function sendHead(
  carrier: Carrier,
  port: number,
  segments: readonly Uint8Array[],
  patience: number = PATIENCE,
): Promise<Answer> {
  await using peer = await connect(carrier, port)
  await writeAll(peer, segments, () => headLength(peer.received) > 0)
  const head = await peer.head(patience).catch(() => '')
  const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(head)?.[1] ?? 0)
  const end = status === 101 ? 'nothing' : await endOf(peer, patience)
  const lines = head.split('\r\n').slice(1, -2)
  return { status, lines, body: latin1(peer.received.subarray(headLength(peer.received))), end }
}

/** Opens a WebSocket at that target, with an extension that is offered unless it is empty, and sends frames. */
export async function sendFrames(
  carrier: Carrier,
  port: number,
  target: string,
  offer: string,
  segments: readonly Uint8Array[],
  patience: number = PATIENCE,
): Promise<Conversation> {
  await using peer = await connect(carrier, port)
  void peer.write(upgradeRequest(target, offer === '' ? {} : { 'Sec-WebSocket-Extensions': offer }))
  const head = await peer.head()
  if (!head.startsWith('HTTP/1.1 101 ')) throw new Error(`no 101: ${head}`)
  if (/^sec-websocket-extensions:/im.test(head) === (offer === '')) throw new Error(`${offer}? ${head}`)
  await writeAll(peer, segments, () => false)
  const end = await endOf(peer, patience)
  const { frames, rest } = decodeFrames('client', peer.received.subarray(head.length))
  const last = frames.at(-1)
  const close = last?.opcode === 8 ? readClosePayload(last.payload) : undefined
  const pongs = frames.filter(({ opcode }) => opcode === 10)
  return {
    pongs: pongs.map(({ payload }) => Buffer.from(payload).toString()),
    others: frames.length - pongs.length - (close ? 1 : 0) + (rest.length > 0 ? 1 : 0),
    close,
    end,
  }
}

/** Gives the server, which is in this process, a turn behind each write: it gets every segment for itself. */
async function writeAll(
  peer: RawPeer,
  segments: readonly Uint8Array[],
  enough: () => boolean,
): Promise<void> {
  for (const segment of segments) {
    if (enough()) return
    await peer.write(segment)
    await new Promise(setImmediate)
  }
}

async function endOf(peer: RawPeer, patience: number): Promise<End> {
  try {
    await peer.ended(patience)
    return 'FIN'
  } catch (error) {
    return (error as Error).message.includes('the connection is gone') ? 'RST' : 'nothing'
  }
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1')
}
