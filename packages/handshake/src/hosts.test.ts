import { describe, expect, test } from 'vitest'
import { HostList, type HostPolicy } from './hosts.ts'

const matches = (policy: HostPolicy, host: string) => new HostList(policy).includes(host)

describe('a name', () => {
  test.each([
    ['app.example', true],
    ['APP.Example', true],
    ['app.example:8443', true],
    ['app.example:', true],
    ['app.example.', true],
    ['app.example.:80', true],
    ['app.example..', false],
    ['.app.example', false],
    ['www.app.example', false],
    ['app.example.evil.example', false],
    ['evil-app.example', false],
    ['example', false],
    ['127.0.0.1', false],
    ['localhost', false],
    ['app.example@evil.example', false],
    ['app.example/', false],
    ['', false],
  ])('of a list has only itself, whatever its port and spelling: %j is %j', (host, expected) => {
    expect(matches(['app.example'], host)).toBe(expected)
    expect(matches(['other.example', 'APP.example.'], host)).toBe(expected)
  })
})

describe('*. as the first label', () => {
  test.each([
    ['a.example.com', true],
    ['A.b.Example.com:80', true],
    ['a.example.com.', true],
    ['example.com', false],
    ['.example.com', false],
    ['a..example.com', false],
    ['aexample.com', false],
    ['a.example.com.evil.example', false],
    ['1.example.com', true],
    ['[::1]', false],
  ])('stands for one or more labels: %j is %j', (host, expected) => {
    expect(matches(['*.example.com'], host)).toBe(expected)
  })
})

describe('local', () => {
  test.each([
    ['localhost', true],
    ['LOCALHOST:3000', true],
    ['localhost.', true],
    ['app.localhost:3000', true],
    ['a.b.localhost', true],
    ['127.0.0.1:3000', true],
    ['127.1', true],
    ['192.0.2.7', true],
    ['[::1]:3000', true],
    ['[::ffff:127.0.0.1]', true],
    ['[2001:db8::7]', true],
    ['.localhost', false],
    ['evillocalhost', false],
    ['localhost.evil.example', false],
    ['127.0.0.1.evil.example', false],
    ['evil.example', false],
    ['[fe80::1%25eth0]', false],
    ['256.256.256.256', false],
    ['1.2.3.4.nip.io', false],
    ['local', false],
  ])('is localhost, its subdomains and every address: %j is %j', (host, expected) => {
    expect(matches(['local'], host)).toBe(expected)
  })

  test('can be one of several', () => {
    expect(matches(['local', 'app.test'], 'app.test')).toBe(true)
    expect(matches(['local', 'app.test'], 'localhost')).toBe(true)
    expect(matches(['local', 'app.test'], 'evil.example')).toBe(false)
  })
})

test.each([
  ['127.0.0.1', '127.0.0.1:80', true],
  ['127.0.0.1', '127.1', true],
  ['127.0.0.1', '127.0.0.2', false],
  ['::1', '[::1]', true],
  ['[::1]', '[::1]:3000', true],
  ['[0:0::1]', '[::1]', true],
  ['2001:DB8::1', '[2001:db8:0::1]', true],
  ['::1', '[::2]', false],
  ['::1', '127.0.0.1', false],
  ['bücher.example', 'xn--bcher-kva.example', true],
  ['*.bücher.example', 'a.xn--bcher-kva.example', true],
])('the list of %j has %j: %j', (entry, host, expected) => {
  expect(matches([entry], host)).toBe(expected)
})

test('any has every valid host, and an empty list none', () => {
  for (const host of ['evil.example', '[::1]:80', 'a']) expect(matches('any', host)).toBe(true)
  expect(matches([], 'localhost')).toBe(false)
})

describe('a wrong policy throws a TypeError that says what is expected', () => {
  test.each(['', 'localhost', '*', 'local', null, undefined, 1, {}, new Set(['a'])])('%j', policy => {
    expect(() => new HostList(policy as HostPolicy)).toThrow(TypeError)
    expect(() => new HostList(policy as HostPolicy)).toThrow("hosts must be 'any' or a list of hosts")
  })

  test.each([
    '',
    ' ',
    '.',
    '*',
    '*.',
    '**.example',
    '*.*.example',
    'a.*.example',
    'a*.example',
    '*a.example',
    'example.*',
    '*.127.0.0.1',
    '*..example',
    '*.local.*',
    '*..',
    '*.:80',
    '*.[::1]',
    '*.local*',
    'a.example:80',
    '[::1]:80',
    'https://a.example',
    'a.example/',
    'u@a.example',
    'a b',
    ' a.example',
    'a.example?',
    'a.example#',
    'a\\b',
    '256.256.256.256',
    'fe80::1%eth0',
    '[fe80::1%25eth0]',
    '%61.example',
    'any',
    1,
    null,
  ])('the entry %j', entry => {
    expect(() => new HostList([entry as string])).toThrow(TypeError)
    expect(() => new HostList([entry as string])).toThrow(
      /^hosts lists names, \*\. and a name, addresses and 'local', without ports, not /,
    )
  })
})
