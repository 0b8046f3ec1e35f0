import { expect, test } from 'vitest'
import { readBase64, readHex } from './hex.ts'

const HELLO = [0x81, 0x05, 0x48, 0x65, 0x6c, 0x6c, 0x6f]
const ALPHABET = Array.from({ length: 20 }, (_, i) => 0x61 + i)

test.each([
  ['with spaces', '81 05 48 65 6c 6c 6f'],
  ['without', '810548656C6C6F'],
  ['with prefixes and commas', '0x81, 0x05, 0x48, 0x65, 0x6c, 0x6c, 0x6f'],
  ['with colons', '81:05:48:65:6c:6c:6f'],
  ['on several lines', '81 05\n48 65 6c\n\n6c 6f\n'],
])('reads hex digits %s', (_, text) => {
  expect([...readHex(text)]).toEqual(HELLO)
})

test.each([
  [
    'xxd',
    '00000000: 6162 6364 6566 6768 696a 6b6c 6d6e 6f70  abcdefghijklmnop\n00000010: 7172 7374                                qrst',
  ],
  [
    'hexdump -C',
    '00000000  61 62 63 64 65 66 67 68  69 6a 6b 6c 6d 6e 6f 70  |abcdefghijklmnop|\n00000010  71 72 73 74                                       |qrst|\n00000014',
  ],
  [
    'tcpdump -X',
    '\t0x0000:  6162 6364 6566 6768 696a 6b6c 6d6e 6f70  abcdefghijklmnop\n\t0x0010:  7172 7374                                qrst',
  ],
  [
    'Wireshark',
    '0000  61 62 63 64 65 66 67 68 69 6a 6b 6c 6d 6e 6f 70   abcdefghijklmnop\n0010  71 72 73 74                                       qrst',
  ],
])('reads a dump of %s', (_, text) => {
  expect([...readHex(text)]).toEqual(ALPHABET)
})

test.each(['', ' ', 'xyz', '8', '81 0', '81 gg'])('rejects %j, which is not bytes', text => {
  expect(() => readHex(text)).toThrow(/^Expected hex digits/)
})

test('reads base64, also of URLs, and rejects other texts', () => {
  expect([...readBase64('SGVs\nbG8=')]).toEqual(HELLO.slice(2))
  expect([...readBase64('_-8')]).toEqual([0xff, 0xef])
  expect(() => readBase64('*')).toThrow('Expected base64')
})
