import { expect, test } from 'vitest'
import { ProtocolError } from './error.ts'

test('a ProtocolError has a close code and a cause', () => {
  const cause = new Error('below')
  const error = new ProtocolError(1007, 'not UTF-8 (RFC 6455 §8.1)', { cause })
  expect(error).toBeInstanceOf(Error)
  expect(error).toMatchObject({
    name: 'ProtocolError',
    closeCode: 1007,
    message: 'not UTF-8 (RFC 6455 §8.1)',
    cause,
  })
})
