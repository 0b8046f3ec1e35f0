// Any path without a meaning of its own: the client commands, in JSON arrays, what the server sends.

import type { Socket } from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { encodeFrame } from '@ws/frame'
import { converse } from './conversation.ts'

/** The arguments of `sendframe`. */
interface FrameCommand {
  readonly opcode: number
  readonly payload?: string
  readonly fin?: boolean
  readonly rsv?: number
  /** The masking key as 8 hexadecimal digits, if the frame is masked. */
  readonly mask?: string | null
  /** The payload is repeated to this many octets. */
  readonly payload_len?: number | null
  readonly chopsize?: number | null
  readonly sync?: boolean
}

/** Obeys the commands of a client, one after the other, until the connection is closed. */
export function obeyCommands(socket: Socket, first: Uint8Array): void {
  let last = Promise.resolve()
  const conversation = converse(socket, first, text => {
    last = last.then(() => obey(text)).catch(refuse)
  })

  async function obey(text: string): Promise<void> {
    const command: unknown = JSON.parse(text)
    if (!Array.isArray(command)) throw new TypeError('expected an array')
    const [name, argument] = command as [string, never]
    if (name === 'sendframe') await sendFrames(socket, [argument])
    else if (name === 'sendframes') await sendFrames(socket, argument)
    else if (name === 'echo') conversation.send(payloadOf(argument).toString())
    else if (name === 'close') closeWith(argument)
    else throw new TypeError('expected sendframe, sendframes, close or echo')
  }

  function refuse(error: Error): void {
    conversation.close(1008, `not a command: ${error.message}`.slice(0, 120))
  }

  function closeWith({ code, reason }: { code?: number; reason?: string } = {}): void {
    conversation.close(code, reason)
  }
}

function payloadOf({ payload = '', payload_len }: Pick<FrameCommand, 'payload' | 'payload_len'>): Buffer {
  const octets = Buffer.from(payload)
  return payload_len == null ? octets : Buffer.alloc(payload_len, octets)
}

async function sendFrames(socket: Socket, commands: readonly FrameCommand[]): Promise<void> {
  for (const command of commands) {
    const { opcode, fin = true, rsv = 0, mask, chopsize, sync = false } = command
    const octets = encodeFrame({
      opcode,
      fin,
      rsv,
      payload: payloadOf(command),
      ...(mask == null ? {} : { maskingKey: Number.parseInt(mask, 16) }),
    })
    const size = chopsize ?? octets.length
    for (let at = 0; at < octets.length; at += size) {
      socket.write(octets.subarray(at, at + size))
      if (chopsize != null || sync) await nextTurn()
    }
  }
}
