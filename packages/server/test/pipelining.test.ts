import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { RawPeer } from '@ws/testing'
import { describe, expect, test } from 'vitest'
import { WebSocketServer } from '../src/index.ts'

const request = (path: string, line = 'X: y') => `GET ${path} HTTP/1.1\r\nHost: localhost\r\n${line}\r\n\r\n`

/** A server whose `http` handler collects responses instead of ending them. */
async function listen() {
  const waiting: ServerResponse[] = []
  const server = new WebSocketServer({
    http: (_: IncomingMessage, response: ServerResponse) => void waiting.push(response),
  })
  const { port } = await server.listen(0)
  return {
    port,
    waiting,
    async [Symbol.asyncDispose]() {
      await server.close({ timeout: 0 })
    },
  }
}

describe('pipelined requests', () => {
  test('are all answered when 64 are unanswered at a time', async () => {
    await using served = await listen()
    await using peer = await RawPeer.connect(served.port)
    for (let round = 1; round <= 3; round++) {
      await peer.write(request('/').repeat(64))
      while (served.waiting.length < 64) await new Promise(setImmediate)
      for (const response of served.waiting.splice(0)) response.end('a page')
      await peer.until(bytes => Buffer.from(bytes).toString().split('a page').length === 64 * round + 1)
    }
  })

  test.each([
    ['', 'X: y'],
    [' that ask to continue', 'Expect: 100-continue'],
    [' with another expectation', 'Expect: a miracle'],
  ])('end the connection when 65 are unanswered%s', async (_, line) => {
    await using served = await listen()
    await using peer = await RawPeer.connect(served.port)
    // Nothing is answered behind the first one.
    await peer.write(request('/') + request('/', line).repeat(1000))
    await peer.ended()
    expect(served.waiting.length).toBeLessThanOrEqual(64)
  })

  test('with an expectation that cannot be met are answered 417', async () => {
    await using served = await listen()
    await using peer = await RawPeer.connect(served.port)
    await peer.write(request('/', 'Expect: a miracle'))
    expect(await peer.head()).toMatch(/^HTTP\/1\.1 417 /)
  })

  test('leave the server as it is for other connections', async () => {
    await using served = await listen()
    await using greedy = await RawPeer.connect(served.port)
    await using modest = await RawPeer.connect(served.port)
    await greedy.write(request('/').repeat(65))
    await greedy.ended()
    served.waiting.splice(0)
    await modest.write(request('/'))
    while (served.waiting.length < 1) await new Promise(setImmediate)
    served.waiting[0]!.end('a page')
    expect(await modest.head()).toMatch(/^HTTP\/1\.1 200 /)
  })
})

test('the requests of a server that was attached to are its own business', async () => {
  const waiting: ServerResponse[] = []
  const http = createServer((_, response) => void waiting.push(response))
  const server = new WebSocketServer()
  server.attach(http)
  await new Promise<void>(resolve => http.listen(0, '127.0.0.1', resolve))
  const { port } = http.address() as { port: number }
  {
    await using peer = await RawPeer.connect(port)
    await peer.write(request('/').repeat(100))
    while (waiting.length < 100) await new Promise(setImmediate)
  }
  await server.close({ timeout: 0 })
  http.close()
})
