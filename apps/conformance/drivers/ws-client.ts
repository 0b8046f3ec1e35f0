// Drives `@ws/client`: `node drivers/ws-client.ts`.

import process from 'node:process'
import { type ConnectOptions, connect, HandshakeError } from '@ws/client'
import { permessageDeflate } from '@ws/deflate'

const url = process.env.WS_CONFORMANCE_URL ?? 'ws://127.0.0.1:9001'
const options: ConnectOptions = {
  extensions: [permessageDeflate({ contextTakeover: true, windowBits: 15 })],
  maxMessageSize: 64 * 2 ** 20,
  // The tester is busy with other cases.
  handshakeTimeout: 60_000,
}

/** The last text of a connection, once it is closed. */
async function read(path: string): Promise<string> {
  let text = ''
  for await (const message of await connect(url + path)) text = String(message)
  return text
}

/** Echoes everything until the connection is closed. */
async function echo(path: string): Promise<void> {
  const socket = await connect(url + path, options)
  try {
    for await (const message of socket) if (!socket.send(message)) await socket.ready
  } catch {
    // The tester sent something invalid: the socket is closed.
  }
  await socket.closed
}

/** Runs the next case until none is left. */
async function runCases(numbers: Iterable<number>): Promise<void> {
  for (const number of numbers) {
    await echo(`/runCase?case=${number}&agent=@ws/client`).catch(error => {
      if (!(error instanceof HandshakeError)) throw error
    })
  }
}

const count = Number(await read('/getCaseCount'))
const numbers = Array.from({ length: count }, (_, i) => i + 1).values()
// Cases wait more than they work.
await Promise.all(Array.from({ length: 8 }, () => runCases(numbers)))
await read('/updateReports?agent=@ws/client')
