// The lines of --verbose.

import { encodeFrame, Opcode } from '@ws/frame'
import { headLength, RawPeer, upgradeRequest } from '@ws/testing'
import { expect, test } from 'vitest'
import { startEcho } from '../src/echo.ts'
import { readCommand } from '../src/options.ts'

test('--verbose writes one line for each handshake and each frame, in both directions', async () => {
  const command = readCommand(['--port', '0', '--verbose'])
  if (command.kind !== 'run') throw new Error('not a command to run')
  const lines: string[] = []
  const echo = await startEcho(command.options, line => lines.push(line))
  await using peer = await RawPeer.connect(echo.port)
  // The first frame is in the same packet as the request.
  const first = encodeFrame({ opcode: Opcode.ping, maskingKey: 1 })
  await peer.write(Buffer.concat([Buffer.from(upgradeRequest('/'), 'latin1'), first]))
  await peer.head()
  const frames = [
    encodeFrame({ opcode: Opcode.text, fin: false, payload: Buffer.alloc(300, 'x'), maskingKey: 2 }),
    encodeFrame({ opcode: Opcode.continuation, payload: Buffer.from('y'), maskingKey: 3 }),
    encodeFrame({ opcode: Opcode.close, maskingKey: 4 }),
  ]
  // In two pieces, cut within a header.
  const bytes = Buffer.concat(frames)
  await peer.write(bytes.subarray(0, 9))
  await peer.write(bytes.subarray(9))
  await peer.ended()
  peer.end()
  await peer.closed()
  await echo.close()
  expect(peer.received.length - headLength(peer.received)).toBeGreaterThan(0)
  const linesOf = (start: string) => lines.filter(line => line.startsWith(start))
  expect([lines[0], lines.at(-1)]).toEqual(['handshake 127.0.0.1 GET "/" 101', '#1 closed'])
  expect(linesOf('#1 <')).toEqual([
    '#1 < ping fin masked 0 bytes',
    '#1 < text masked 300 bytes',
    '#1 < continuation fin masked 1 byte',
    '#1 < close fin masked 0 bytes',
  ])
  expect(linesOf('#1 >')).toEqual([
    '#1 > pong fin 0 bytes',
    '#1 > text fin 301 bytes',
    '#1 > close fin 0 bytes',
  ])
  // What is received is written before its answer.
  expect(lines.indexOf('#1 < ping fin masked 0 bytes')).toBeLessThan(lines.indexOf('#1 > pong fin 0 bytes'))
})

test('--verbose writes the reason of a rejected handshake', async () => {
  const command = readCommand(['--port', '0', '--verbose'])
  if (command.kind !== 'run') throw new Error('not a command to run')
  const lines: string[] = []
  const echo = await startEcho(command.options, line => lines.push(line))
  await using peer = await RawPeer.connect(echo.port)
  await peer.write(upgradeRequest('/?delay=x'))
  await peer.head()
  await echo.close()
  expect(lines).toEqual([
    'handshake 127.0.0.1 GET "/?delay=x" 400 "delay must be a time such as 500ms, 2s or 5m, up to 24h, not \\"x\\""',
  ])
})
