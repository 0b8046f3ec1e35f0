import { once } from 'node:events'
import { duplexPair } from 'node:stream'
import { reject, type ValidRequest } from '@ws/handshake'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { formatAccepted, rejectionFrom, writeRejection } from './response.ts'

afterEach(() => {
  vi.useRealTimers()
})

describe('formatAccepted', () => {
  const request: ValidRequest = {
    ok: true,
    key: 'dGhlIHNhbXBsZSBub25jZQ==',
    path: '/',
    search: '',
    host: 'localhost',
    origin: undefined,
    protocols: ['chat'],
    extensions: [],
  }

  test('H1: computes the accept value of the example in RFC 6455 §1.3', () => {
    expect(formatAccepted(request, 'chat', { 'Set-Cookie': 'a=1' })).toBe(
      'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
        'Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nSec-WebSocket-Protocol: chat\r\nset-cookie: a=1\r\n\r\n',
    )
  })

  test('H10: throws for a subprotocol that was not offered, and for an invalid or reserved header', () => {
    expect(() => formatAccepted(request, 'other')).toThrow(TypeError)
    expect(() => formatAccepted(request, undefined, { Upgrade: 'h2c' })).toThrow(TypeError)
    expect(() => formatAccepted(request, undefined, { 'X-A': 'a\r\nb' })).toThrow(TypeError)
  })
})

describe('rejectionFrom', () => {
  test('keeps the status, headers and body of a Response, and drops connection headers', async () => {
    const headers = { 'Retry-After': '7', Connection: 'keep-alive', 'Content-Type': 'text/html' }
    const response = new Response('não', { status: 429, headers })
    expect(await rejectionFrom(response)).toEqual({
      ok: false,
      status: 429,
      body: 'não',
      headers: [
        ['content-type', 'text/html'],
        ['retry-after', '7'],
      ],
    })
  })

  test('rejects for an error Response, which cannot be sent', async () => {
    await expect(rejectionFrom(Response.error())).rejects.toThrow(RangeError)
  })
})

describe('writeRejection', () => {
  test('writes the whole response and ends the transport', async () => {
    const [ours, theirs] = duplexPair()
    writeRejection(ours, reject(403, 'não'))
    let response = ''
    theirs.setEncoding('utf8').on('data', (chunk: string) => {
      response += chunk
    })
    await once(theirs, 'end')
    expect(response).toBe(
      'HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Type: text/plain; charset=utf-8\r\n' +
        'Content-Length: 4\r\n\r\nnão',
    )
    const closed = new Promise(resolve => ours.on('close', resolve))
    theirs.end('this is discarded')
    await closed
    expect(ours.readableEnded).toBe(true)
  })

  test('destroys the transport if the peer does not end it within five seconds', () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const [ours] = duplexPair()
    writeRejection(ours, reject(400, 'no'))
    vi.advanceTimersByTime(4999)
    expect(ours.destroyed).toBe(false)
    vi.advanceTimersByTime(1)
    expect(ours.destroyed).toBe(true)
  })

  test('clears its timer when the transport closes', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const [ours] = duplexPair()
    writeRejection(ours, reject(400, 'no'))
    expect(vi.getTimerCount()).toBe(1)
    const closed = new Promise(resolve => ours.on('close', resolve))
    ours.destroy()
    await closed
    expect(vi.getTimerCount()).toBe(0)
  })

  test('does nothing on a destroyed transport', () => {
    const [ours] = duplexPair()
    ours.destroy()
    expect(() => writeRejection(ours, reject(400, 'no'))).not.toThrow()
  })
})
