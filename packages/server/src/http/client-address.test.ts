import { randomFrom } from '@ws/testing'
import { describe, expect, test } from 'vitest'
import { TrustedProxies } from './client-address.ts'

/** Bypasses the types, as a JavaScript caller can. */
function trust(trustProxy: unknown): TrustedProxies {
  return new TrustedProxies(trustProxy as string[])
}

describe('trustProxy', () => {
  test.each([true, 'loopback', 1, null, undefined, {}, new Set(['loopback'])])(
    'rejects %s, which is not a list',
    value => {
      expect(() => trust(value)).toThrow(
        new TypeError(
          "trustProxy must be a list of addresses, ranges such as '10.0.0.0/8', 'loopback', 'private' and 'unix'",
        ),
      )
    },
  )

  test.each([
    '',
    'localhost',
    'any',
    '*',
    'Loopback',
    ' 127.0.0.1',
    '127.0.0.1 ',
    '127.1',
    '010.0.0.1',
    '256.0.0.1',
    '10.0.0.0/',
    '10.0.0.0/08',
    '10.0.0.0/+8',
    '10.0.0.0/8/8',
    '10.0.0.0/255.0.0.0',
    '10.0.0.0-10.0.0.255',
    '127.0.0.1:80',
    '[::1]',
    '::1::',
    'fe80::1%eth0',
    '/8',
    'loopback/8',
    1,
    null,
    undefined,
    ['10.0.0.1'],
  ])('rejects the entry %j, which is neither an address nor a range', entry => {
    expect(() => trust(['192.0.2.1', entry])).toThrow(TypeError)
    expect(() => trust([entry])).toThrow(
      `trustProxy lists addresses, ranges such as '10.0.0.0/8', 'loopback', 'private' and 'unix', not ${JSON.stringify(entry)}`,
    )
  })

  test.each([
    ['10.0.0.0/33', 0, 32],
    ['10.0.0.0/128', 0, 32],
    ['2001:db8::/129', 0, 128],
    ['::ffff:10.0.0.0/129', 96, 128],
    ['::ffff:10.0.0.0/95', 96, 128],
    ['::ffff:10.0.0.0/8', 96, 128],
  ])('rejects %s because its prefix is out of range', (range, least, most) => {
    expect(() => trust([range])).toThrow(
      new RangeError(`the prefix of ${range} must be from ${least} to ${most}`),
    )
  })

  test.each([
    [
      '192.0.2.7',
      ['192.0.2.7', '::ffff:192.0.2.7', '::FFFF:c000:207'],
      ['192.0.2.6', '192.0.2.8', '::192.0.2.7'],
    ],
    ['192.0.2.7/32', ['192.0.2.7'], ['192.0.2.6', '192.0.2.8']],
    ['192.0.2.0/31', ['192.0.2.0', '192.0.2.1'], ['192.0.2.2', '192.0.1.255']],
    ['10.0.0.0/8', ['10.0.0.0', '10.255.255.255', '::ffff:10.1.2.3'], ['9.255.255.255', '11.0.0.0', 'a00::']],
    ['0.0.0.0/0', ['0.0.0.0', '255.255.255.255', '::ffff:1.2.3.4'], ['::', '2001:db8::1']],
    ['2001:db8::1', ['2001:db8::1', '2001:0DB8:0:0:0:0:0:1'], ['2001:db8::', '2001:db8::2']],
    ['2001:db8::/32', ['2001:db8::', '2001:db8:ffff::1'], ['2001:db7:ffff::', '2001:db9::']],
    ['fe80::/10', ['fe80::1', 'fe80::1%eth0', 'febf::'], ['fec0::', 'fe7f::']],
    ['::/0', ['::', 'ffff::', '::192.0.2.7'], ['0.0.0.0', '192.0.2.7', '::ffff:192.0.2.7']],
    ['::ffff:192.0.2.7', ['192.0.2.7', '::ffff:192.0.2.7'], ['192.0.2.6', '::7']],
    ['::ffff:10.0.0.0/104', ['10.255.0.1', '::ffff:10.255.0.1'], ['11.0.0.0']],
    ['::ffff:0:0/96', ['0.0.0.0', '255.255.255.255'], ['::', '::1:0:0']],
    [
      'loopback',
      ['127.0.0.1', '127.255.255.255', '::1', '::ffff:127.0.0.1'],
      ['128.0.0.0', '::', '::2', '10.0.0.1'],
    ],
    [
      'private',
      ['10.0.0.1', '172.16.0.0', '172.31.255.255', '192.168.1.1', 'fc00::', 'fdff::1'],
      [
        '172.15.255.255',
        '172.32.0.0',
        '192.169.0.0',
        '100.64.0.1',
        '169.254.1.1',
        '127.0.0.1',
        '::1',
        'fe80::1',
      ],
    ],
  ])('trusts exactly the addresses in %s', (range, inside, outside) => {
    const proxies = trust([range])
    for (const address of inside) expect([address, proxies.trusts(address)]).toEqual([address, true])
    for (const address of outside) expect([address, proxies.trusts(address)]).toEqual([address, false])
  })

  test('trusts every entry of a list, and no address with an empty list', () => {
    const proxies = trust(['loopback', 'private', '192.0.2.7', '2001:db8::/32'])
    for (const address of ['127.0.0.1', '10.0.0.1', '192.0.2.7', '2001:db8::1'])
      expect(proxies.trusts(address)).toBe(true)
    expect(trust([]).trusts('127.0.0.1')).toBe(false)
  })

  test.each(['', 'garbage', '10.0.0', '10.0.0.1:80', '[::1]'])(
    'does not trust %j, which is not an address',
    address => {
      expect(trust(['0.0.0.0/0', '::/0']).trusts(address)).toBe(false)
    },
  )
})

function clientOf(proxies: TrustedProxies, remoteAddress: string, forwardedFor: readonly string[]): string {
  const rawHeaders = forwardedFor.flatMap(line => ['X-Forwarded-For', line])
  return proxies.clientAddress(remoteAddress, rawHeaders)
}

describe('clientAddress', () => {
  const proxies = trust(['10.0.0.0/8', '2001:db8::/32'])

  test.each(['192.0.2.1', '::1', '::ffff:192.0.2.1', ''])(
    'returns the address of an untrusted peer: %j',
    address => {
      expect(clientOf(proxies, address, ['198.51.100.1'])).toBe(address)
    },
  )

  test.each([
    ['198.51.100.1', '198.51.100.1'],
    ['198.51.100.1, 10.0.0.2', '198.51.100.1'],
    ['198.51.100.1,10.0.0.2,10.0.0.3', '198.51.100.1'],
    ['198.51.100.1 ,\t 10.0.0.2 ', '198.51.100.1'],
    // Preceded by entries that the client forged.
    ['203.0.113.66, 198.51.100.1', '198.51.100.1'],
    ['10.9.9.9, 198.51.100.1, 10.0.0.2', '198.51.100.1'],
    [', 198.51.100.1', '198.51.100.1'],
    // All entries are trusted: the leftmost.
    ['10.0.0.7', '10.0.0.7'],
    ['10.0.0.7, 10.0.0.8, 2001:db8::1', '10.0.0.7'],
    // With a port, in brackets, IPv4 and IPv6.
    ['198.51.100.1:4711', '198.51.100.1'],
    ['198.51.100.1, 10.0.0.2:80', '198.51.100.1'],
    ['2a00::1', '2a00::1'],
    ['2A00:0:0::0001', '2a00::1'],
    ['[2a00::1]', '2a00::1'],
    ['[2a00::1]:443', '2a00::1'],
    ['2a00::1, [2001:db8::9]:443', '2a00::1'],
    ['fe80::1%eth0', 'fe80::1'],
    ['::ffff:198.51.100.1', '198.51.100.1'],
    ['[::ffff:c633:6401]:1', '198.51.100.1'],
    ['198.51.100.1, ::ffff:10.0.0.2', '198.51.100.1'],
    // The search ends at an invalid entry, with the proxy that added it.
    ['198.51.100.1, unknown, 10.0.0.2', '10.0.0.2'],
    ['198.51.100.1, unknown', '10.0.0.1'],
    ['198.51.100.1,', '10.0.0.1'],
    ['198.51.100.1,, 10.0.0.2', '10.0.0.2'],
    [',10.0.0.2', '10.0.0.2'],
    ['', '10.0.0.1'],
    [',', '10.0.0.1'],
    [' ', '10.0.0.1'],
    ['unix:', '10.0.0.1'],
    ['example.com', '10.0.0.1'],
    ['198.51.100.256', '10.0.0.1'],
    ['198.51.100.1:', '10.0.0.1'],
    ['198.51.100.1:123456', '10.0.0.1'],
    ['198.51.100.1:80:80', '10.0.0.1'],
    ['[198.51.100.1]', '10.0.0.1'],
    ['[2a00::1', '10.0.0.1'],
    ['2a00::1]', '10.0.0.1'],
    ['[2a00::1]443', '10.0.0.1'],
    ['[2a00::1]:', '10.0.0.1'],
    ['[]', '10.0.0.1'],
    ['"198.51.100.1"', '10.0.0.1'],
    ['for=198.51.100.1', '10.0.0.1'],
    ['198.51.100.1;198.51.100.2', '10.0.0.1'],
    [`${' '.repeat(1000)}198.51.100.1`, '10.0.0.1'],
    ['\0', '10.0.0.1'],
  ])('finds the client of a trusted proxy in %j', (line, client) => {
    expect(clientOf(proxies, '10.0.0.1', [line])).toBe(client)
    expect(clientOf(proxies, '::ffff:10.0.0.1', [line])).toBe(
      client === '10.0.0.1' ? '::ffff:10.0.0.1' : client,
    )
  })

  test('skips spaces and tabs around an address, and no other byte', () => {
    for (let byte = 0; byte < 256; byte++) {
      const char = String.fromCharCode(byte)
      const clients = [
        `${char}198.51.100.1`,
        `198.51.100.1${char}`,
        `203.0.113.6, ${char}198.51.100.1${char}`,
      ]
        .map(line => clientOf(proxies, '10.0.0.1', [line]))
        .filter(client => client === '198.51.100.1')
      // A comma before the address ends an empty entry.
      const expected = char === ' ' || char === '\t' ? 3 : char === ',' ? 1 : 0
      expect([char, clients.length]).toEqual([char, expected])
    }
  })

  test('joins several X-Forwarded-For lines into one list', () => {
    expect(clientOf(proxies, '10.0.0.1', ['203.0.113.66', '198.51.100.1, 10.0.0.3', '10.0.0.2'])).toBe(
      '198.51.100.1',
    )
    expect(clientOf(proxies, '10.0.0.1', ['10.0.0.4', '10.0.0.3'])).toBe('10.0.0.4')
    expect(clientOf(proxies, '10.0.0.1', ['198.51.100.1', '', '10.0.0.3'])).toBe('10.0.0.3')
  })

  test('reads X-Forwarded-For in any case, and no other field', () => {
    const headers = [
      'x-FORWARDED-for',
      '198.51.100.1',
      'Host',
      'x-forwarded-for',
      'Forwarded',
      'for=203.0.113.1',
    ]
    expect(proxies.clientAddress('10.0.0.1', headers)).toBe('198.51.100.1')
    const others = [
      'X-Forwarded-For2',
      '203.0.113.1',
      'Forwarded',
      'for=203.0.113.1',
      'X-Real-IP',
      '203.0.113.1',
    ]
    expect(proxies.clientAddress('10.0.0.1', others)).toBe('10.0.0.1')
  })

  test('returns the address of the connection when no proxy is trusted', () => {
    const forwarded = ['X-Forwarded-For', '198.51.100.1']
    expect(new TrustedProxies([]).clientAddress('127.0.0.1', forwarded)).toBe('127.0.0.1')
    expect(() => new TrustedProxies(['localhost'])).toThrow(TypeError)
  })

  test('returns the address of the proxy when the header is missing', () => {
    expect(clientOf(proxies, '10.0.0.1', [])).toBe('10.0.0.1')
  })

  test('agrees with splitting the joined lines, for random entries', () => {
    const random = randomFrom(11)
    const entries = [
      '10.0.0.2',
      '10.1.2.3:80',
      '[2001:db8::2]:80',
      '2001:db8::3',
      '198.51.100.1',
      '2a00::1',
      '?',
      '',
    ]
    const plain = ['10.0.0.2', '10.1.2.3', '2001:db8::2', '2001:db8::3', '198.51.100.1', '2a00::1']
    for (let round = 0; round < 2000; round++) {
      const picked = Array.from({ length: 1 + Math.floor(random() * 8) }, () =>
        Math.floor((random() < 0.8 ? 4 : entries.length) * random()),
      )
      const separate = (i: number): string => {
        if (i === 0) return ''
        return random() < 0.2 ? '|' : random() < 0.5 ? ',' : ' , '
      }
      const lines = picked
        .map((entry, i) => `${separate(i)}${entries[entry]}`)
        .join('')
        .split('|')
      // The last untrusted entry, or the first after the last invalid one, or the peer.
      const known = picked.slice(picked.findLastIndex(entry => entry > 5) + 1)
      const expected = plain[known.findLast(entry => entry > 3) ?? known[0] ?? -1] ?? '10.0.0.1'
      expect([lines, clientOf(proxies, '10.0.0.1', lines)]).toEqual([lines, expected])
    }
  })

  test('never throws, for random characters', () => {
    const random = randomFrom(12)
    const alphabet = '0123456789abcdef:.,[]%/ \t\0ÿ'
    const everyone = trust(['0.0.0.0/0', '::/0'])
    for (let round = 0; round < 20_000; round++) {
      const line = Array.from(
        { length: random() * 30 },
        () => alphabet[Math.floor(random() * alphabet.length)],
      )
      expect(() => clientOf(everyone, '10.0.0.1', [line.join('')])).not.toThrow()
      expect(() => clientOf(everyone, line.join(''), ['10.0.0.1'])).not.toThrow()
    }
  })

  test('H14: takes time proportional to the length of the header', () => {
    const length = 2 ** 20
    expect(clientOf(proxies, '10.0.0.1', [','.repeat(length)])).toBe('10.0.0.1')
    expect(clientOf(proxies, '10.0.0.1', [`1${' '.repeat(length)}1`])).toBe('10.0.0.1')
    expect(clientOf(proxies, '10.0.0.1', ['1'.repeat(length)])).toBe('10.0.0.1')
    expect(clientOf(proxies, '10.0.0.1', [`[${':'.repeat(length)}`])).toBe('10.0.0.1')
    expect(clientOf(proxies, '10.0.0.1', ['10.0.0.7', `10.0.0.8${',10.0.0.2'.repeat(2 ** 16)}`])).toBe(
      '10.0.0.7',
    )
    expect(
      clientOf(
        proxies,
        '10.0.0.1',
        Array.from({ length: 2 ** 16 }, () => '10.0.0.2'),
      ),
    ).toBe('10.0.0.2')
  })
})
