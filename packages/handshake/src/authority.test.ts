import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseAuthority } from './authority.ts'

test.each([
  ['Example.COM', 'example.com', undefined],
  ['example.com:8080', 'example.com', 8080],
  ['example.com:', 'example.com', undefined],
  ['127.0.0.1:0', '127.0.0.1', 0],
  ['a:65535', 'a', 65535],
  ['[::1]', '[::1]', undefined],
  ['[::]:3000', '[::]', 3000],
  ['[2001:DB8::1]:443', '[2001:db8::1]', 443],
  ['xn--bcher-kva.example', 'xn--bcher-kva.example', undefined],
  ['my_host.example.', 'my_host.example.', undefined],
  ["a!$&'()*+,;=~", "a!$&'()*+,;=~", undefined],
])('parses %j', (text, host, port) => {
  expect(parseAuthority(text)).toEqual({ host, port })
})

test.each([
  '',
  ':80',
  'a:b',
  'a:65536',
  'a:1e3',
  'a:-1',
  'a:1:2',
  'a b',
  'a/b',
  'u@a',
  'u:p@a',
  'a%zz',
  'a%2',
  'a%2fb',
  '%61',
  'bücher',
  '::1',
])('rejects %j', text => {
  expect(parseAuthority(text)).toBeUndefined()
})

test.each(['[', '[]', '[:]', '[::1', '[::g]', '[::1]80', '[::1]]:80', '[fe80::1%25eth0]', ']', '[a]b:80'])(
  'rejects %j',
  text => {
    expect(parseAuthority(text)).toBeUndefined()
  },
)

describe('a host is parsed if and only if it forms a URL', () => {
  const agrees = (host: string) => {
    expect([host, parseAuthority(host) !== undefined]).toEqual([host, URL.canParse(`ws://${host}/`)])
  }

  test.each([
    '0',
    '127.1',
    '127.0.0.1.',
    '0x7f.1',
    '0X',
    '017.1',
    '08',
    '1.08',
    '4294967295',
    '4294967296',
    '1.2.3.255',
    '1.2.3.256',
    '1.2.65536',
    '1.16777215',
    '1.16777216',
    '256.1',
    '256.256.256.256',
    '1.2.3.4.5',
    '1..2',
    '.1',
    '1.',
    '1..',
    'a.1',
    'a.0x1f',
    'a.0xg',
    'a.1a',
    '1.a',
    'a..b',
    '.a',
    'a.',
    'a..',
    '.',
    '..',
    '-',
    '_',
    'x'.repeat(300),
    '9'.repeat(400),
    `0x${'f'.repeat(400)}`,
  ])('%j', agrees)

  test.each([
    '[1:2:3:4:5:6:7:8]',
    '[1:2:3:4:5:6:7]',
    '[1:2:3:4:5:6:7::]',
    '[::2:3:4:5:6:7:8]',
    '[1::2:3:4:5:6:7:8]',
    '[1:2:3:4:5:6:7:8:9]',
    '[1::3::5]',
    '[:::]',
    '[::1:]',
    '[:1::]',
    '[1]',
    '[12345::]',
    '[::127.0.0.1]',
    '[::FFFF:127.0.0.1]',
    '[1:2:3:4:5:6:1.2.3.4]',
    '[1:2:3:4:5:6:7:1.2.3.4]',
    '[::1.2.3]',
    '[::1.2.3.4.5]',
    '[::1.2.3.256]',
    '[::01.2.3.4]',
    '[::1.2.3.4:5]',
    '[1.2.3.4::]',
    '[1.2.3.4]',
    '[fe80::1%eth0]',
    '[v1.a]',
    '[::.1.2.3]',
  ])('%j', agrees)

  test.each([
    'xn--',
    'xn--a',
    'XN--a.example',
    'a.xn--0.b',
    'xn--bcher-kva',
    'xn--ls8h.example',
    'a-xn--b',
    'axn--',
  ])('%j', agrees)

  const hosts = (units: string) => fc.string({ unit: fc.constantFrom(...units), minLength: 1, maxLength: 24 })

  test('any text of letters, digits and dots', () => {
    fc.assert(fc.property(hosts('0123456789abfxX.-_~'), agrees), { numRuns: 2000 })
    fc.assert(fc.property(hosts('01258x..'), agrees), { numRuns: 2000 })
  })

  test('any text in brackets', () => {
    fc.assert(
      fc.property(hosts('019aF::::.'), text => agrees(`[${text}]`)),
      { numRuns: 4000 },
    )
  })

  test('any address', () => {
    const address = fc.oneof(
      fc.ipV4(),
      fc.ipV4Extended(),
      fc.ipV6().map(text => `[${text}]`),
      fc.domain(),
    )
    fc.assert(fc.property(address, agrees), { numRuns: 1000 })
  })
})
