import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { Duplex } from 'node:stream'
import { type RequestHead, RequestParser } from '@ws/handshake'
import { RawPeer, upgradeRequest, utf8 } from '@ws/testing'
import { describe, expect, test } from 'vitest'
import { IncomingRequest } from './incoming-request.ts'

function show(message: IncomingMessage): object {
  const { method, url, httpVersion, httpVersionMajor, httpVersionMinor, complete, aborted } = message
  const { headers, headersDistinct, rawHeaders, trailers, rawTrailers, statusCode, statusMessage } = message
  const { destroyed, readable, readableEnded, readableFlowing, readableHighWaterMark, readableLength } =
    message
  return {
    ...{ method, url, httpVersion, httpVersionMajor, httpVersionMinor, complete, aborted },
    ...{ headers, headersDistinct, rawHeaders, trailers, rawTrailers, statusCode, statusMessage },
    ...{ destroyed, readable, readableEnded, readableFlowing, readableHighWaterMark, readableLength },
    upgrade: (message as unknown as { upgrade: unknown }).upgrade,
    keys: Object.keys(message).filter(key => key !== 'parser'),
  }
}

describe('IncomingRequest.message', () => {
  test.each([
    ['of minimal size', upgradeRequest()],
    ['with white space around values', upgradeRequest('/a?b=c', { 'X-A': '\t a b \t', 'X-Empty': '' })],
    [
      'with repeated headers',
      upgradeRequest('/', {
        Cookie: ['a=1', 'b=2'],
        'X-A': ['1', '2'],
        Origin: ['http://a', 'http://b'],
        'Set-Cookie': ['x', 'y'],
        'User-Agent': ['one', 'two'],
      }),
    ],
    ['with latin1', upgradeRequest('/', { 'X-A': 'ñ\u0080\u00a0' })],
    [
      'with headers named like JavaScript properties',
      upgradeRequest('/', { __proto__: 'x', constructor: 'y' }),
    ],
    ['with an absolute target', upgradeRequest('http://localhost/a?b')],
  ])('equals the message that Node parses from a request %s', async (_, text) => {
    await using server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const upgraded = once(server, 'upgrade') as Promise<[IncomingMessage, Socket]>
    await using peer = await RawPeer.connect((server.address() as AddressInfo).port)
    await peer.write(text)
    const [expected, socket] = await upgraded
    const parsed = new RequestParser().push(Buffer.from(text, 'latin1')) as { head: RequestHead }
    const { message } = new IncomingRequest(parsed.head, socket)
    const shown = [show(message), show(expected)]
    await Promise.all([message, expected].map(one => once(one.resume(), 'end')))
    socket.destroy()
    expect(shown[0]).toEqual(shown[1])
    expect(message.socket).toBe(socket)
    expect(Object.getPrototypeOf(message)).toBe(Object.getPrototypeOf(expected))
  })

  test('is created once and leaves the head unchanged', () => {
    const parsed = new RequestParser().push(utf8(upgradeRequest())) as { head: RequestHead }
    const incoming = new IncomingRequest(parsed.head, {} as Socket)
    const { message } = incoming
    expect(incoming.message).toBe(message)
    message.rawHeaders.length = 0
    expect(parsed.head.rawHeaders.length).toBe(10)
  })

  test('is the message that Node parsed, if there is one', () => {
    const message = { socket: {}, rawHeaders: [], httpVersion: '1.1' } as unknown as IncomingMessage
    expect(IncomingRequest.of(message, new Duplex()).message).toBe(message)
  })
})

describe('IncomingRequest.remoteAddress', () => {
  test('is empty when the socket has no address', () => {
    const withAddress = (remoteAddress?: string) =>
      new IncomingRequest({ httpVersion: '1.1', rawHeaders: [] }, { remoteAddress } as Socket)
    expect(withAddress('192.0.2.1').remoteAddress).toBe('192.0.2.1')
    expect(withAddress().remoteAddress).toBe('')
  })
})
