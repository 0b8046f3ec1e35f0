// Expensive HTTP requests: headers that take long to parse, and pipelined requests whose responses
// are not read.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { RawPeer, upgradeRequest } from '@ws/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readPage } from '../../src/http/page.ts'
import { plainText, serve } from '../../src/http/resource.ts'
import { type Started, startChat } from '../chat/start.ts'

const folder = mkdtempSync(join(tmpdir(), 'chat-page-'))
writeFileSync(join(folder, 'index.html'), '<!doctype html><title>Chat</title>'.repeat(100))

let chat: Started
beforeAll(async () => {
  chat = await startChat({ http: serve(readPage(folder)), trustProxy: ['loopback'] })
})
afterAll(async () => {
  await chat[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true })
})

/** Repeated to make a long value. */
const UNITS = ['a', ' ', '\t', ',', ';', '=', '"', '\\', '*', '/', ':', '%', '[', '\xa0']
const PAIRS = UNITS.flatMap(one => UNITS.map(other => one + other))
const OTHERS = [
  'a;q=1,',
  'a;x="\\"',
  'gzip,',
  'W/"a",',
  ' , ',
  'bytes=0-,',
  '127.0.0.1,',
  '[::1]:1,',
  '::1,',
  'a; b',
]

const VALUES = [...UNITS, ...PAIRS, ...OTHERS].flatMap(unit =>
  ['', 'b'].map(end => (size: number) => `a${unit.repeat(Math.floor(size / unit.length))}${end}`),
)

/**
 * Milliseconds of the processor from the first byte of all these requests to the last of their
 * responses, at both ends.
 */
async function timeOf(requests: readonly string[]): Promise<number> {
  await using peer = await RawPeer.connect(chat.port)
  const before = process.cpuUsage()
  await peer.write(requests.join(''))
  await peer.until(bytes => Buffer.from(bytes).toString('latin1').split('HTTP/1.1 ').length > requests.length)
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}

/** As many requests as may be pipelined, each with a value of this length in that header. */
const requestsWith = (field: string, size: number, values: typeof VALUES) =>
  values.map(make => `HEAD / HTTP/1.1\r\nHost: localhost\r\n${field}: ${make(size)}\r\n\r\n`)

describe.each(['Accept-Encoding', 'If-None-Match', 'Range', 'Cookie', 'X-Forwarded-For', 'X'])(
  '%s',
  field => {
    test('is parsed in linear time for all values', async () => {
      for (let at = 0; at < VALUES.length; at += 16) {
        const values = VALUES.slice(at, at + 16)
        let [short, long] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY]
        for (let round = 0; round < 5 && (round === 0 || long > 20 + 24 * short); round++) {
          short = Math.min(short, await timeOf(requestsWith(field, 2000, values)))
          long = Math.min(long, await timeOf(requestsWith(field, 15_900, values)))
        }
        expect(long, `with the values from ${at} on`).toBeLessThan(20 + 24 * short)
      }
    })
  },
)

describe.each([
  'Host',
  'Origin',
  'Upgrade',
  'Connection',
  'Sec-WebSocket-Key',
  'Sec-WebSocket-Version',
  'Sec-WebSocket-Protocol',
  'Sec-WebSocket-Extensions',
  'X-Forwarded-For',
])('%s of an upgrade request', field => {
  test('is parsed in linear time for all values', async () => {
    for (const [at, make] of VALUES.entries()) {
      let [short, long] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY]
      for (let round = 0; round < 5 && (round === 0 || long > 10 + 24 * short); round++) {
        short = Math.min(short, await timeOf([upgradeRequest('/', { [field]: make(1800) })]))
        long = Math.min(long, await timeOf([upgradeRequest('/', { [field]: make(14_400) })]))
      }
      expect(long, `with the value ${at}`).toBeLessThan(10 + 24 * short)
    }
  })
})

describe('requests that are pipelined and not read back', () => {
  test('end the connection', async () => {
    await using peer = await RawPeer.connect(chat.port)
    peer.pause()
    await peer.write('GET / HTTP/1.1\r\nHost:\r\n\r\n'.repeat(2500))
    peer.resume()
    await peer.ended()
    const responses = Buffer.from(peer.received).toString('latin1').split('HTTP/1.1 ').length - 1
    expect(responses).toBeLessThanOrEqual(64)
  })

  test('end the connection in time if they are too few for that', async () => {
    const large = plainText(200, 'x'.repeat(16 * 2 ** 20))
    const http = createServer(serve(new Map([['/', () => large]]), 50))
    await new Promise<void>(resolve => http.listen(0, '127.0.0.1', resolve))
    const { port } = http.address() as AddressInfo
    {
      await using peer = await RawPeer.connect(port)
      peer.pause()
      await peer.write('GET / HTTP/1.1\r\nHost:\r\n\r\n')
      const open = () =>
        new Promise<number>((resolve, reject) => http.getConnections((e, n) => (e ? reject(e) : resolve(n))))
      while ((await open()) > 0) await new Promise(setImmediate)
    }
    http.close()
  })
})
