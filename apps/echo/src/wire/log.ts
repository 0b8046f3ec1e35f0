// The lines of `--verbose`: one for each handshake and for each frame.

import type { Socket } from 'node:net'
import { type FrameHeader, Opcode } from '@ws/frame'
import type { ServerEvents } from '@ws/server/diagnostics'
import { FrameReader } from './frame-reader.ts'
import { watch } from './watch.ts'

/** Takes one line, without its end. */
export type WriteLine = (line: string) => void

const OPCODE_NAMES = new Map<number, string>(Object.entries(Opcode).map(([name, code]) => [code, name]))

/** Logs the frames of a connection: `#1 < text fin masked 5 bytes`; `>` is what the server sends. */
export function logFrames(transport: Socket, id: number, writeLine: WriteLine): void {
  const received = new FrameReader(header => writeLine(`#${id} < ${describe(header)}`))
  const sent = new FrameReader(header => writeLine(`#${id} > ${describe(header)}`))
  watch(transport, { received: bytes => received.read(bytes), sent: bytes => sent.read(bytes) })
  transport.once('close', () => writeLine(`#${id} closed`))
}

/** `handshake 127.0.0.1 GET "/close?code=4001" 101`. */
export function describeHandshake({ request, status, reason }: ServerEvents['handshake']): string {
  const { method = '', url = '' } = request
  const address = request.socket.remoteAddress ?? 'unix'
  // What a client has chosen is quoted, so that it cannot make up lines.
  const line = `handshake ${address} ${method} ${JSON.stringify(url)} ${status}`
  return reason === undefined ? line : `${line} ${JSON.stringify(reason.trimEnd())}`
}

function describe({ opcode, fin, rsv, masked, payloadLength }: Readonly<FrameHeader>): string {
  const bits = [0b100, 0b010, 0b001].map((bit, i) => ((rsv & bit) === 0 ? '' : `rsv${i + 1}`))
  const flags = [fin ? 'fin' : '', ...bits, masked ? 'masked' : ''].filter(flag => flag !== '')
  const name = OPCODE_NAMES.get(opcode) ?? `opcode ${opcode}`
  return [name, ...flags, payloadLength, payloadLength === 1 ? 'byte' : 'bytes'].join(' ')
}
