import { describe, expect, test } from 'vitest'
import { WebSocketServer } from '../server.ts'
import { resolveServerOptions, type ServerOptions } from './server-options.ts'

/** What a caller without types may pass. */
function check(options: unknown): unknown {
  return resolveServerOptions(options as ServerOptions)
}

describe('resolveServerOptions', () => {
  test('fills in what is missing', () => {
    expect(resolveServerOptions({})).toMatchObject({
      handlesRest: false,
      maxSockets: Number.POSITIVE_INFINITY,
      maxSocketsPerAddress: Number.POSITIVE_INFINITY,
      maxPendingUpgrades: Number.POSITIVE_INFINITY,
      maxTopics: 4096,
      request: undefined,
    })
    expect(resolveServerOptions({}).base).toEqual({
      handlers: {},
      onError: undefined,
      settings: {
        maxMessageSize: 2 ** 20,
        maxFragments: 131_072,
        messageTimeout: 60_000,
        closeTimeout: 10_000,
        origin: 'same-host',
        subprotocols: [],
        extensions: [],
        handshakeTimeout: 10_000,
        highWaterMark: 65_536,
        maxBufferedAmount: 16_777_216,
        maxStreamSize: 1_073_741_824,
        writeTimeout: 20_000,
        pingInterval: 25_000,
        pongTimeout: 20_000,
        messageRate: undefined,
        byteRate: undefined,
        pingRate: undefined,
      },
    })
  })

  test('takes what is given, and an undefined option as if it were left out', () => {
    const options = {
      open() {},
      maxMessageSize: 5,
      closeTimeout: Number.POSITIVE_INFINITY,
      origin: ['https://example.com'],
      subprotocols: ['chat.v2', 'chat'],
      highWaterMark: 1,
      maxSockets: 3,
      maxSocketsPerAddress: 2,
      request() {},
      messageTimeout: undefined,
    }
    const settings = check(options)
    expect(settings).toMatchObject({
      base: {
        handlers: options,
        settings: {
          maxMessageSize: 5,
          closeTimeout: Number.POSITIVE_INFINITY,
          messageTimeout: 60_000,
          origin: ['https://example.com'],
          subprotocols: ['chat.v2', 'chat'],
          highWaterMark: 1,
        },
      },
      handlesRest: true,
      maxSockets: 3,
      maxSocketsPerAddress: 2,
      request: options.request,
    })
  })

  test.each([null, 1, 'x', () => undefined])('the options must be an object, not %s', options => {
    expect(() => check(options)).toThrow(new TypeError('the options must be an object'))
  })

  test('there is no other option than those it names', () => {
    expect(() => check({ maxMesageSize: 1 })).toThrow(TypeError)
    expect(() => check({ maxMesageSize: 1 })).toThrow(
      'unknown option "maxMesageSize" (did you mean "maxMessageSize"?)',
    )
    expect(() => check({ port: undefined })).toThrow('unknown option "port" (expected one of ')
  })

  test.each(['open', 'message', 'drain', 'close', 'onError', 'request'])('%s must be a function', name => {
    expect(() => check({ [name]: {} })).toThrow(new TypeError(`${name} must be a function`))
    expect(() => check({ [name]: null })).toThrow(TypeError)
  })

  test('extensions must be a list of what can be agreed on', () => {
    const extension = { name: 'x', offers: [], accept: () => undefined, confirm: () => 'no' }
    expect(check({ extensions: [extension] })).toMatchObject({
      base: { settings: { extensions: [extension] } },
    })
    expect(() => check({ extensions: extension })).toThrow(new TypeError('extensions must be a list'))
    for (const wrong of [null, 'permessage-deflate', {}, { name: 'x' }, { accept: () => undefined }]) {
      expect(() => check({ extensions: [wrong] })).toThrow(
        new TypeError('extensions must be a list of such as permessageDeflate() of @ws/deflate'),
      )
    }
  })

  const sizes = ['maxMessageSize', 'maxFragments', 'highWaterMark', 'maxSockets', 'maxSocketsPerAddress']
  const times = ['messageTimeout', 'closeTimeout']

  test.each([...sizes, ...times])('R12: %s must be a number, and one that makes sense', name => {
    for (const value of ['1', null, true, {}, [1], 1n]) {
      expect(() => check({ [name]: value })).toThrow(TypeError)
      expect(() => check({ [name]: value })).toThrow(`${name} must be a number`)
    }
    for (const value of [Number.NaN, -1, 0, Number.NEGATIVE_INFINITY]) {
      expect(() => check({ [name]: value })).toThrow(RangeError)
      expect(() => check({ [name]: value })).toThrow(new RegExp(`^${name} must be .*, not ${value}$`))
    }
  })

  test.each(sizes)('R12: %s must be whole', name => {
    expect(() => check({ [name]: 1.5 })).toThrow(RangeError)
  })

  test('R12: a message cannot be larger than a string', () => {
    expect(() => check({ maxMessageSize: 2 ** 32 })).toThrow(RangeError)
    expect(() => check({ maxMessageSize: Number.POSITIVE_INFINITY })).toThrow(RangeError)
    expect(check({ maxMessageSize: 2 ** 29 - 24 })).toMatchObject({
      base: { settings: { maxMessageSize: 536_870_888 } },
    })
  })

  test.each(['same-site', '*', '', 1, null, {}])('origin must be a policy, not %j', origin => {
    expect(() => check({ origin })).toThrow(TypeError)
    expect(() => check({ origin })).toThrow("origin must be 'same-host', 'any' or a list of origins")
  })

  test.each(['example.com', 'https://example.com/path', '*', 1])('%j in a list is no origin', origin => {
    expect(() => check({ origin: [origin] })).toThrow(TypeError)
    expect(() => check({ origin: [origin] })).toThrow('an origin must be scheme://host[:port] without a path')
  })

  test('subprotocols must be a list', () => {
    expect(() => check({ subprotocols: 'chat' })).toThrow(new TypeError('subprotocols must be a list'))
  })

  test.each([
    [['']],
    [['a b']],
    [['a,b']],
    [['a', 'a']],
    [[' a']],
    [['a', '']],
    [[1]],
    [['a', ['b']]],
    [[undefined]],
    [[null]],
  ])('subprotocols must be distinct tokens, not %j', subprotocols => {
    expect(() => check({ subprotocols })).toThrow(TypeError)
    expect(() => check({ subprotocols })).toThrow('subprotocols must be distinct tokens')
  })

  test('a server throws them when it is made', () => {
    expect(() => new WebSocketServer({ maxMessageSize: 2 ** 32 })).toThrow(RangeError)
    expect(() => new WebSocketServer(undefined)).not.toThrow()
  })
})
