import type { Socket } from 'node:net'
import type { ValidRequest } from '@ws/handshake'
import { describe, expect, test } from 'vitest'
import { Cancellation } from './cancellation.ts'
import { IncomingRequest } from './http/incoming-request.ts'
import { UpgradeRequest } from './upgrade-request.ts'

const valid: ValidRequest = {
  ok: true,
  key: 'dGhlIHNhbXBsZSBub25jZQ==',
  path: '/a//../%c3%a9',
  search: '?b=c',
  host: 'example.com:8080',
  origin: 'https://example.com',
  protocols: ['one', 'two'],
  extensions: [],
}

function make(
  more: { valid?: Partial<ValidRequest>; rawHeaders?: string[]; socket?: object } = {},
  cancellation = new Cancellation(),
): UpgradeRequest {
  const head = { httpVersion: '1.1', rawHeaders: more.rawHeaders ?? [] }
  const incoming = new IncomingRequest(head, (more.socket ?? {}) as Socket)
  return new UpgradeRequest({ ...valid, ...more.valid }, incoming, '192.0.2.1', { id: '7' }, cancellation)
}

describe('UpgradeRequest', () => {
  test('exposes the validated request as sent', () => {
    const { path, search, origin, protocols, remoteAddress, params } = make()
    expect({ path, search, origin, protocols, remoteAddress, params }).toEqual({
      path: '/a//../%c3%a9',
      search: '?b=c',
      origin: 'https://example.com',
      protocols: ['one', 'two'],
      remoteAddress: '192.0.2.1',
      params: { id: '7' },
    })
  })

  test('joins repeated headers with commas, and cookies with semicolons', () => {
    const rawHeaders = [
      'X-A',
      '1',
      'cookie',
      'a=1',
      'x-a',
      '2',
      'Cookie',
      'b=2',
      'X-Latin',
      'ñ',
      '__proto__',
      'x',
    ]
    const { headers } = make({ rawHeaders })
    expect([...headers]).toEqual([
      ['__proto__', 'x'],
      ['cookie', 'a=1; b=2'],
      ['x-a', '1, 2'],
      ['x-latin', 'ñ'],
    ])
  })

  test('creates headers and url once', () => {
    const request = make()
    expect(request.headers).toBe(request.headers)
    expect(request.url).toBe(request.url)
  })

  test('returns the requested URL, with wss over TLS', () => {
    expect(make().url.href).toBe('ws://example.com:8080/a/%c3%a9?b=c')
    expect(make({ socket: { encrypted: true } }).url.protocol).toBe('wss:')
    expect(make({ valid: { path: '//evil.example/', search: '' } }).url.href).toBe(
      'ws://example.com:8080//evil.example/',
    )
    expect(make({ valid: { host: '[::1]:80' } }).url.host).toBe('[::1]')
  })

  test('throws from url when the host is not valid in a URL', () => {
    expect(() => make({ valid: { host: 'a:99999' } }).url).toThrow(TypeError)
  })
})

describe('UpgradeRequest.signal', () => {
  test('is aborted with the reason of the cancellation', () => {
    const cancellation = new Cancellation()
    const request = make({}, cancellation)
    const { signal } = request
    expect(signal.aborted).toBe(false)
    const reason = new Error('test error')
    cancellation.cancel(reason)
    expect([signal.aborted, signal.reason]).toEqual([true, reason])
    expect(request.signal).toBe(signal)
    expect(make({}, cancellation).signal.reason).toBe(reason)
  })

  test('is already aborted when first read after the cancellation', () => {
    const cancellation = new Cancellation()
    const reason = new Error('test error')
    cancellation.cancel(reason)
    expect(cancellation.signal.reason).toBe(reason)
  })
})
