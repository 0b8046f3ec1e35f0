import { expect, test } from 'vitest'
import { ACCEPT, expectValid } from '../test/example.ts'
import { accept } from './accept.ts'
import { reject } from './rejection.ts'
import { formatResponse } from './response.ts'

test('formats an accepted handshake without a body', () => {
  expect(formatResponse(accept(expectValid()))).toBe(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${ACCEPT}\r\n\r\n`,
  )
})

test('adds Connection: close and the length in bytes to a rejection', () => {
  expect(formatResponse(reject(403, 'Nö'))).toBe(
    'HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 3\r\n\r\nNö',
  )
})

test('keeps Content-Type and Connection of a rejection', () => {
  const rejection = reject(426, '<p>', [
    ['Connection', 'Upgrade, close'],
    ['content-type', 'text/html'],
  ])
  expect(formatResponse(rejection)).toBe(
    'HTTP/1.1 426 Upgrade Required\r\nConnection: Upgrade, close\r\ncontent-type: text/html\r\nContent-Length: 3\r\n\r\n<p>',
  )
})

test('omits the length for statuses without a body, and keeps the space of an empty phrase', () => {
  expect(formatResponse(reject(204, ''))).toBe('HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n')
  expect(formatResponse(reject(304, ''))).toBe('HTTP/1.1 304 \r\nConnection: close\r\n\r\n')
  expect(formatResponse(reject(205, ''))).toContain('Content-Length: 0\r\n\r\n')
})

test('throws for invalid headers of a rejection', () => {
  const rejection = {
    ok: false,
    status: 400,
    body: '',
    headers: [['X', 'a\r\n\r\nHTTP/1.1 200 OK']],
  } as const
  expect(() => formatResponse(rejection)).toThrow(TypeError)
})
