import { expect, test } from 'vitest'
import { ProtocolError, WebSocketError } from './error.ts'

test('a ProtocolError has a code, a close code, a section and a cause', () => {
  const cause = new Error('below')
  const options = { code: 'ERR_WS_INVALID_UTF8', closeCode: 1007, section: 'RFC 6455 §8.1', cause }
  const error = new ProtocolError('not UTF-8', options)
  expect(error).toBeInstanceOf(WebSocketError)
  expect(error).toMatchObject({
    ...options,
    name: 'ProtocolError',
    message: 'not UTF-8 (RFC 6455 §8.1)',
    reason: 'not UTF-8 (RFC 6455 §8.1)',
  })
})

test('a ProtocolError without a section has its sentence as the message', () => {
  const error = new ProtocolError('not here', { code: 'ERR_WS_NOT_HERE', closeCode: 4000 })
  expect(error).toMatchObject({ message: 'not here', reason: 'not here', closeCode: 4000 })
  expect(error.section).toBeUndefined()
})

test("a WebSocketError has the web's defaults for its close code and reason", () => {
  const code = 'ERR_WS_CLOSED'
  expect(new WebSocketError()).toMatchObject({ code, message: '', closeCode: null, reason: '' })
  expect(new WebSocketError('a', { reason: 'why' })).toMatchObject({ code, closeCode: 1000, reason: 'why' })
  expect(new WebSocketError('a', { code: 'ERR_WS_PONG_TIMEOUT', closeCode: 1006 })).toMatchObject({
    name: 'WebSocketError',
    code: 'ERR_WS_PONG_TIMEOUT',
    closeCode: 1006,
    reason: '',
  })
})
