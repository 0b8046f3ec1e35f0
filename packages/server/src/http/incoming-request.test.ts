import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { type RequestHead, RequestParser } from '@ws/handshake'
import { RawPeer, upgradeRequest, utf8 } from '@ws/testing'
import { describe, expect, test } from 'vitest'
import { IncomingRequest } from './incoming-request.ts'

/** What a user can see of a request. */
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

describe('message', () => {
  test.each([
    ['as small as it can be', upgradeRequest()],
    ['with white space around values', upgradeRequest('/a?b=c', { 'X-A': '\t a b \t', 'X-Empty': '' })],
    [
      'with several lines of a name',
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
      'with names that mean something to the language',
      upgradeRequest('/', { __proto__: 'x', constructor: 'y' }),
    ],
    ['of an absolute target', upgradeRequest('http://localhost/a?b')],
  ])('is what Node makes of the same bytes, %s', async (_, text) => {
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

  test('is made once, of a head that stays as it is', () => {
    const parsed = new RequestParser().push(utf8(upgradeRequest())) as { head: RequestHead }
    const arrival = new IncomingRequest(parsed.head, {} as Socket)
    const { message } = arrival
    expect(arrival.message).toBe(message)
    message.rawHeaders.length = 0
    expect(parsed.head.rawHeaders.length).toBe(10)
  })

  test('of one that Node has read is that', () => {
    const message = { socket: {}, rawHeaders: [], httpVersion: '1.1' } as unknown as IncomingMessage
    expect(IncomingRequest.of(message).message).toBe(message)
  })
})

describe('remoteAddress', () => {
  test('is empty where there is none', () => {
    const arrival = (remoteAddress?: string) =>
      new IncomingRequest({ httpVersion: '1.1', rawHeaders: [] }, { remoteAddress } as Socket)
    expect(arrival('192.0.2.1').remoteAddress).toBe('192.0.2.1')
    expect(arrival().remoteAddress).toBe('')
  })
})
