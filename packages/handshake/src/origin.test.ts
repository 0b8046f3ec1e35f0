import { describe, expect, test } from 'vitest'
import { checkOriginPolicy, isAllowedOrigin, type OriginPolicy, parseOrigin } from './origin.ts'

test.each([
  ['https://example.com', 'https://example.com'],
  ['HTTPS://Example.COM:443', 'https://example.com'],
  ['http://example.com:80', 'http://example.com'],
  ['http://example.com:443', 'http://example.com:443'],
  ['http://[::1]:3000', 'http://[::1]:3000'],
  ['capacitor://localhost', 'capacitor://localhost'],
  ['chrome-extension://abcdef', 'chrome-extension://abcdef'],
])('parseOrigin(%j) is %j', (text, expected) => {
  expect(parseOrigin(text)).toBe(expected)
})

test.each([
  '',
  'null',
  'example.com',
  '://a',
  'https://',
  'https:/a',
  'https://a/',
  'https://a/b',
  'https://a?b',
  'https://a#b',
])('parseOrigin(%j) is undefined', text => {
  expect(parseOrigin(text)).toBeUndefined()
})

test.each([
  'http://a:b',
  'https://u@a',
  'https://bücher.example',
  'https://a, https://a',
  'https://a https://b',
  '1http://a',
  'h ttp://a',
])('parseOrigin(%j) is undefined', text => {
  expect(parseOrigin(text)).toBeUndefined()
})

describe('same-host', () => {
  test.each([
    ['https://example.com', 'example.com', true],
    ['https://example.com', 'Example.com:443', true],
    ['http://example.com:80', 'example.com', true],
    ['http://localhost:3000', 'localhost:3000', true],
    ['http://localhost:3000', 'localhost', false],
    ['https://example.com', 'example.com:80', false],
    ['https://example.com.evil.io', 'example.com', false],
    ['https://evil.io', 'example.com', false],
    ['https://example.com.', 'example.com', false],
    ['capacitor://localhost', 'localhost', false],
    ['null', 'null', false],
    ['file://', 'file', false],
    ['file://', 'localhost', false],
  ])('%j on %j: %j', (origin, host, expected) => {
    expect(isAllowedOrigin(origin, host, 'same-host')).toBe(expected)
  })
})

test('any allows an invalid origin', () => {
  for (const origin of ['https://evil.io', 'null', '', 'http://a:b'])
    expect(isAllowedOrigin(origin, 'a', 'any')).toBe(true)
})

test('a list allows only the origins listed, in any spelling', () => {
  const policy = ['https://Good.example:443', 'app://local']
  expect(isAllowedOrigin('https://good.example', 'x', policy)).toBe(true)
  expect(isAllowedOrigin('app://local', 'x', policy)).toBe(true)
  expect(isAllowedOrigin('http://good.example', 'good.example', policy)).toBe(false)
  expect(isAllowedOrigin('https://good.example', 'good.example', [])).toBe(false)
})

describe('*. as the first label of a listed origin', () => {
  test.each([
    ['https://a.example.com', true],
    ['https://A.B.Example.com:443', true],
    ['https://xn--bcher-kva.example.com', true],
    ['https://example.com', false],
    ['https://.example.com', false],
    ['https://a..example.com', false],
    ['https://aexample.com', false],
    ['https://a.example.com.', false],
    ['https://a.example.com.evil.io', false],
    ['https://a.example.com:8443', false],
    ['http://a.example.com', false],
    ['wss://a.example.com', false],
    ['https://evil.io/.example.com', false],
    ['https://evil.io#.example.com', false],
    ['https://evil.io@a.example.com', false],
    ['null', false],
  ])('stands for one or more labels, with the same scheme and port: %j is %j', (origin, expected) => {
    expect(isAllowedOrigin(origin, 'x', ['https://*.example.com'])).toBe(expected)
    expect(isAllowedOrigin(origin, 'x', ['http://other', 'HTTPS://*.Example.com:443'])).toBe(expected)
  })

  test('is compared with the port that is listed', () => {
    const policy = ['http://*.localhost:3000']
    expect(isAllowedOrigin('http://app.localhost:3000', 'x', policy)).toBe(true)
    expect(isAllowedOrigin('http://app.localhost', 'x', policy)).toBe(false)
    expect(isAllowedOrigin('http://app.localhost:30000', 'x', policy)).toBe(false)
  })
})

test.each(['null', 'file://'])('%s is allowed if it is listed as exactly this text', origin => {
  expect(isAllowedOrigin(origin, 'x', ['https://a', origin])).toBe(true)
  expect(isAllowedOrigin(origin, origin, 'same-host')).toBe(false)
  expect(isAllowedOrigin(origin, 'x', ['https://a', 'app://local'])).toBe(false)
  for (const other of [origin.toUpperCase(), `${origin}, ${origin}`, `${origin}/`, `${origin}localhost`])
    expect(isAllowedOrigin(other, 'x', [origin])).toBe(false)
})

test('checkOriginPolicy throws for an invalid policy', () => {
  const right = [
    'same-host',
    'any',
    [],
    ['https://example.com'],
    ['https://*.example.com'],
    ['null', 'file://'],
  ]
  for (const policy of right) checkOriginPolicy(policy as OriginPolicy)
  const wrong = [
    'https://example.com',
    '*',
    '',
    1,
    null,
    ['*'],
    ['Null'],
    ['FILE://'],
    ['file:///'],
    ['null '],
    ['example.com'],
    ['https://example.com/'],
    [1],
  ]
  for (const policy of wrong) expect(() => checkOriginPolicy(policy as OriginPolicy)).toThrow(TypeError)
  for (const policy of ['*', '', 1])
    expect(() => checkOriginPolicy(policy as OriginPolicy)).toThrow("'same-host', 'any' or a list of origins")
  for (const origin of ['https://a/b', 1])
    expect(() => checkOriginPolicy([origin as string])).toThrow('scheme://host[:port] without a path')
})

test.each([
  '*',
  '*.example.com',
  '*://example.com',
  'http*://example.com',
  'https://*',
  'https://*.',
  'https://*.*.example.com',
  'https://**.example.com',
  'https://*a.example.com',
  'https://a*.example.com',
  'https://a.*.example.com',
  'https://*.a*.example.com',
  'https://example.*',
  'https://*.example.*',
  'https://*.127.0.0.1',
  'https://*..example.com',
  'https://*.:443',
  '://*.example.com',
  'https://*.example.com, https://*.example.org',
  'https://*.[::1]',
  'https://[*]',
  'https://*.example.com:*',
  'https://example.com:*',
  'https://*:443',
  'https://*.example.com/',
  'file://*',
  'file://*.example.com/*',
])('checkOriginPolicy throws for the wildcard %j', origin => {
  expect(() => checkOriginPolicy([origin])).toThrow(TypeError)
  expect(() => checkOriginPolicy([origin])).toThrow('with *. as its first label at most')
})
