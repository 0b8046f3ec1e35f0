import { createFormat } from '@ws/connection'
import { describe, expect, test } from 'vitest'
import type { Socket } from '../socket.ts'
import { type RouteOptions, resolveRoute } from './route-options.ts'

describe('resolveRoute', () => {
  const rate = { perSecond: 1, burst: 1 }
  const all: RouteOptions = {
    maxMessageSize: 1,
    maxFragments: 2,
    messageTimeout: 3,
    closeTimeout: 4,
    origin: 'any',
    protocols: ['a'],
    handshakeTimeout: 5,
    highWaterMark: 6,
    maxBufferedAmount: 7,
    maxStreamSize: 8,
    writeTimeout: 9,
    pingInterval: 10,
    pongTimeout: 11,
    messageRate: rate,
    byteRate: rate,
    pingRate: rate,
  }

  test('inherits all options except handlers, and lets a route override them', () => {
    const base = resolveRoute(all)
    const { handlers, errorHandler, ...limits } = resolveRoute({}, base)
    const { handlers: _1, errorHandler: _2, ...ofBase } = base
    expect(limits).toEqual(ofBase)
    expect([handlers, errorHandler]).toEqual([{}, undefined])
    for (const name of Object.keys(all)) {
      const undefinedOnly = { [name]: undefined }
      expect(resolveRoute(undefinedOnly, base)).toMatchObject(ofBase)
    }
    expect(resolveRoute({ maxMessageSize: 20, pingInterval: 30 }, base)).toMatchObject({
      settings: { ...ofBase.settings, maxMessageSize: 20, pingInterval: 30 },
    })
  })

  test('inherits no handler but the error handler', () => {
    const base = resolveRoute({ open() {}, message() {}, error() {} })
    const inherited = resolveRoute({ close() {} }, base)
    expect(inherited.errorHandler).toBe(base.errorHandler)
    expect(Object.keys(inherited.handlers)).toEqual(['close'])
    const own = { error() {} }
    expect(resolveRoute(own, base).errorHandler).toBe(own.error)
  })

  test('applies the format of a route to its message handler, and does not inherit it', () => {
    const received: unknown[] = []
    const message = (_: Socket, value: unknown): unknown => received.push(value)
    const format = createFormat<string>(handler => (socket, data, type) => handler(socket, `<${data}>`, type))
    const base = resolveRoute({ format, message } as RouteOptions)
    const inherited = resolveRoute({ message }, base)
    for (const { handlers } of [base, inherited]) handlers.message?.({} as Socket, 'a', 'text')
    expect(received).toEqual(['<a>', 'a'])
    expect(inherited.handlers.message).toBe(message)
  })

  test('throws for a format without a message handler', () => {
    expect(() => resolveRoute({ format: createFormat(() => () => 0) })).toThrow(TypeError)
    expect(() => resolveRoute({ format: 'text' as never, message() {} })).toThrow(TypeError)
  })
})
