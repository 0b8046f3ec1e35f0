import { totalmem } from 'node:os'
import { DEFAULT_CONNECTION_SETTINGS } from '@ws/connection'
import { describe, expect, test } from 'vitest'
import { WebSocketServer } from '../server.ts'
import { resolveServerOptions, type ServerOptions } from './server-options.ts'

/** Bypasses the types, as a JavaScript caller can. */
function check(options: unknown): unknown {
  return resolveServerOptions(options as ServerOptions)
}

describe('resolveServerOptions', () => {
  test('fills in the defaults', () => {
    expect(resolveServerOptions({})).toMatchObject({
      handlesRest: false,
      maxSockets: Number.POSITIVE_INFINITY,
      maxSocketsPerAddress: Number.POSITIVE_INFINITY,
      maxPendingUpgrades: Number.POSITIVE_INFINITY,
      maxTopics: 4096,
      http: undefined,
    })
    const { maxTotalBuffered } = resolveServerOptions({})
    expect(Number.isInteger(maxTotalBuffered)).toBe(true)
    expect(maxTotalBuffered).toBeGreaterThan(0)
    expect(maxTotalBuffered).toBeLessThanOrEqual(totalmem() / 4)
    expect(resolveServerOptions({}).base).toEqual({
      handlers: {},
      error: undefined,
      settings: {
        ...DEFAULT_CONNECTION_SETTINGS,
        origin: 'same-host',
        protocols: [],
        extensions: [],
        handshakeTimeout: 10_000,
        shareTransport: false,
        keepRequest: false,
      },
    })
  })

  test('keeps given options, and treats undefined as left out', () => {
    const options = {
      open() {},
      maxMessageSize: 5,
      closeTimeout: Number.POSITIVE_INFINITY,
      origin: ['https://example.com'],
      protocols: ['chat.v2', 'chat'],
      highWaterMark: 1,
      maxSockets: 3,
      maxSocketsPerAddress: 2,
      http() {},
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
          protocols: ['chat.v2', 'chat'],
          highWaterMark: 1,
        },
      },
      handlesRest: true,
      maxSockets: 3,
      maxSocketsPerAddress: 2,
      http: options.http,
    })
  })

  test.each([null, 1, 'x', () => undefined])('rejects options that are not an object: %s', options => {
    expect(() => check(options)).toThrow(new TypeError('the options must be an object'))
  })

  test('rejects an unknown option, and suggests a name or lists the known ones', () => {
    expect(() => check({ maxMesageSize: 1 })).toThrow(TypeError)
    expect(() => check({ maxMesageSize: 1 })).toThrow(
      'unknown option "maxMesageSize" (did you mean "maxMessageSize"?)',
    )
    expect(() => check({ port: undefined })).toThrow('unknown option "port" (expected one of ')
  })

  test.each(['open', 'message', 'drain', 'close', 'error', 'http'])(
    'rejects the handler %s if it is not a function',
    name => {
      expect(() => check({ [name]: {} })).toThrow(new TypeError(`${name} must be a function`))
      expect(() => check({ [name]: null })).toThrow(TypeError)
    },
  )

  test('rejects extensions that are not a list of negotiable extensions', () => {
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

  const sizes = ['maxSockets', 'maxSocketsPerAddress', 'maxPendingUpgrades', 'maxTopics']

  test.each(sizes)('R12: %s must be a number within its range', name => {
    for (const value of ['1', null, true, {}, [1], 1n]) {
      expect(() => check({ [name]: value })).toThrow(TypeError)
      expect(() => check({ [name]: value })).toThrow(`${name} must be a number`)
    }
    for (const value of [Number.NaN, -1, 0, Number.NEGATIVE_INFINITY]) {
      expect(() => check({ [name]: value })).toThrow(RangeError)
      expect(() => check({ [name]: value })).toThrow(new RegExp(`^${name} must be .*, not ${value}$`))
    }
  })

  test.each(sizes)('R12: %s must be an integer', name => {
    expect(() => check({ [name]: 1.5 })).toThrow(RangeError)
  })

  test.each(['same-site', '*', '', 1, null, {}])('rejects %j as the origin policy', origin => {
    expect(() => check({ origin })).toThrow(TypeError)
    expect(() => check({ origin })).toThrow("origin must be 'same-host', 'any' or a list of origins")
  })

  test.each(['example.com', 'https://example.com/path', '*', 1])(
    'rejects %j in a list of origins',
    origin => {
      expect(() => check({ origin: [origin] })).toThrow(TypeError)
      expect(() => check({ origin: [origin] })).toThrow(
        'an origin must be scheme://host[:port] without a path',
      )
    },
  )

  test('rejects protocols that are not a list', () => {
    expect(() => check({ protocols: 'chat' })).toThrow(new TypeError('protocols must be a list'))
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
  ])('rejects the protocols %j, which are not distinct tokens', protocols => {
    expect(() => check({ protocols })).toThrow(TypeError)
    expect(() => check({ protocols })).toThrow('protocols must be distinct tokens')
  })

  test('throws from the constructor of a server', () => {
    expect(() => new WebSocketServer({ maxMessageSize: 2 ** 32 })).toThrow(RangeError)
    expect(() => new WebSocketServer(undefined)).not.toThrow()
  })
})
