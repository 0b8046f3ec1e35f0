import { describe, expect, test } from 'vitest'
import { checkRoute, type PathPattern, type RouteOptions, Routes } from './route-options.ts'

/** Settings that can be told apart by a number. */
function numbered(maxFragments: number) {
  return checkRoute({ maxFragments })
}

function prefix(text: string): PathPattern {
  return {
    exec: ({ pathname }) => (pathname.startsWith(text) ? { pathname: { groups: { rest: pathname } } } : null),
  }
}

describe('Routes', () => {
  test('finds nothing where there is nothing', () => {
    expect(new Routes().find('/')).toBe(undefined)
  })

  test('finds what is for exactly the path, then the first pattern that fits, then the rest', () => {
    const routes = new Routes()
    const [a, b, c, d] = [numbered(1), numbered(2), numbered(3), numbered(4)]
    routes.add(prefix('/a'), b)
    routes.add(prefix('/'), c)
    routes.add('/a/x', a)
    expect(routes.find('/a/x')).toEqual({ settings: a, params: {} })
    expect(routes.find('/a/y')).toEqual({ settings: b, params: { rest: '/a/y' } })
    expect(routes.find('/y')).toEqual({ settings: c, params: { rest: '/y' } })
    expect(routes.find('*')).toBe(undefined)
    routes.setRest(d)
    expect(routes.find('*')).toEqual({ settings: d, params: {} })
    expect(routes.find('/y')?.settings).toBe(c)
    routes.setRest(undefined)
    expect(routes.find('*')).toBe(undefined)
  })

  test('H13: names that mean something to the language mean nothing here', () => {
    const routes = new Routes()
    routes.add('/a', numbered(1))
    for (const path of ['__proto__', '/__proto__', 'constructor', 'toString']) {
      expect(routes.find(path)).toBe(undefined)
    }
  })

  test('throws for a path that no request asks for, that is none, or that is taken', () => {
    const routes = new Routes()
    routes.add('/', numbered(1))
    routes.add('/%C3%BC//..', numbered(1))
    expect(() => routes.add('/ü', numbered(1))).toThrow('ASCII from / on, without ? and #, not "/ü"')
    expect(() => routes.add('a', numbered(1))).toThrow(TypeError)
    expect(() => routes.add('/?a', numbered(1))).toThrow(TypeError)
    expect(() => routes.add({} as PathPattern, numbered(1))).toThrow(TypeError)
    expect(() => routes.add('/', numbered(1))).toThrow('there is a route for / already')
  })
})

describe('checkRoute', () => {
  const rate = { perSecond: 1, burst: 1 }
  const all: RouteOptions = {
    maxMessageSize: 1,
    maxFragments: 2,
    messageTimeout: 3,
    closeTimeout: 4,
    origin: 'any',
    subprotocols: ['a'],
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

  test('everything that is not a handler is inherited, and what is given goes before', () => {
    const base = checkRoute(all)
    const { handlers, onError, ...limits } = checkRoute({}, base)
    const { handlers: _1, onError: _2, ...ofBase } = base
    expect(limits).toEqual(ofBase)
    expect([handlers, onError]).toEqual([{}, undefined])
    for (const name of Object.keys(all)) {
      const undefinedOnly = { [name]: undefined }
      expect(checkRoute(undefinedOnly, base)).toMatchObject(ofBase)
    }
    expect(checkRoute({ maxMessageSize: 20, pingInterval: 30 }, base)).toMatchObject({
      ...ofBase,
      limits: { ...ofBase.limits, maxMessageSize: 20 },
      pingInterval: 30,
    })
  })

  test('of the handlers only onError is inherited', () => {
    const base = checkRoute({ open() {}, message() {}, onError() {} })
    const inherited = checkRoute({ close() {} }, base)
    expect(inherited.onError).toBe(base.onError)
    expect(Object.keys(inherited.handlers)).toEqual(['close'])
    const own = { onError() {} }
    expect(checkRoute(own, base).onError).toBe(own.onError)
  })
})
