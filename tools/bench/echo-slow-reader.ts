// What a peer costs the echo server that sends messages of 16 MiB and hardly reads: the peak of its memory, against the bytes
// that were echoed. Server and peer are processes of their own; both stay on loopback, and the run ends by itself.

import { fork } from 'node:child_process'
import { once } from 'node:events'
import { createConnection } from 'node:net'
import { startEcho } from '@ws/echo/src/echo'
import { readCommand } from '@ws/echo/src/options'
import { encodeFrame, Opcode } from '@ws/frame'
import { upgradeRequest } from '@ws/testing'

const MEBIBYTE = 2 ** 20
const MESSAGE = 16 * MEBIBYTE
const COUNT = 16
/** The peer takes one read, of at most 64 KiB, each so many milliseconds. */
const PAUSE = 2

interface Sample {
  readonly arrayBuffers: number
  readonly external: number
  readonly rss: number
}

if (process.argv[2] === 'server') await serve()
else await measure()

/** In the child: runs the echo server, and answers each message with what memory it has. */
async function serve(): Promise<void> {
  const command = readCommand(['--port', '0'])
  if (command.kind !== 'run') throw new Error('not a command to run')
  const { port } = await startEcho(command.options)
  process.on('message', () => process.send!(process.memoryUsage()))
  process.once('disconnect', () => process.exit())
  process.send!(port)
}

async function measure(): Promise<void> {
  const server = fork(import.meta.filename, ['server'])
  try {
    const [port] = (await once(server, 'message')) as [number]
    const start = await sample()
    const peak = await echoSlowly(port)
    console.log(
      `echoed to a slow reader   ${COUNT} messages of 16 MiB, ${(COUNT * MESSAGE) / MEBIBYTE} MiB in all`,
    )
    console.log(
      `memory of the server      arrayBuffers + external  ${show(bytesOf(start))} at rest, ${show(peak.bytes)} at its peak`,
    )
    console.log(
      `                          resident                 ${show(start.rss)} at rest, ${show(peak.rss)} at its peak`,
    )
  } finally {
    server.kill()
  }

  async function sample(): Promise<Sample> {
    server.send('memory')
    const [usage] = (await once(server, 'message')) as [Sample]
    return usage
  }

  async function echoSlowly(port: number): Promise<{ bytes: number; rss: number }> {
    const peak = { bytes: 0, rss: 0 }
    const peer = createConnection(port, '127.0.0.1')
    peer.write(upgradeRequest())
    const frame = encodeFrame({
      opcode: Opcode.binary,
      payload: new Uint8Array(MESSAGE),
      maskingKey: 0x01020304,
    })
    for (let i = 0; i < COUNT; i++) peer.write(frame)
    // Each echo has a header of ten bytes; the head of the 101 comes on top.
    const expected = COUNT * (MESSAGE + 10)
    for (let read = 0, turn = 0; read < expected; turn++) {
      const chunk: Uint8Array | null = peer.read()
      if (chunk === null) await once(peer, 'readable')
      read += chunk?.length ?? 0
      if (turn % 64 === 0) {
        const usage = await sample()
        peak.bytes = Math.max(peak.bytes, bytesOf(usage))
        peak.rss = Math.max(peak.rss, usage.rss)
        if (process.stdout.isTTY) process.stdout.write(`\r${((100 * read) / expected).toFixed(0)} % `)
      }
      await new Promise(resolve => setTimeout(resolve, PAUSE))
    }
    if (process.stdout.isTTY) process.stdout.write('\r')
    peer.destroy()
    return peak
  }
}

function bytesOf({ arrayBuffers, external }: Sample): number {
  // `external` has what `arrayBuffers` counts, and more.
  return Math.max(arrayBuffers, external)
}

function show(bytes: number): string {
  return `${(bytes / MEBIBYTE).toFixed(1)} MiB`
}
