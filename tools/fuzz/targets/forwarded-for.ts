// X-Forwarded-For, as proxies and liars write it.
//
//   input:  remote address | a line feed | value of a line | a line feed | value of the next …

import { isIP } from 'node:net'
import { TrustedProxies } from '@ws/server/src/http/client-address'
import { fromLatin1, latin1, must, mustEqual, type Target } from '../target.ts'

const TRUSTED = ['loopback', '10.0.0.0/8', '2001:db8::/32']
const ADDRESSES = [
  '127.0.0.1',
  '::1',
  '10.1.2.3',
  '192.0.2.7',
  '203.0.113.9:4711',
  '[2001:db8::1]:80',
  '2001:db8::1',
  '[::ffff:10.0.0.1]',
  '::ffff:192.0.2.1',
  'fe80::1%eth0',
  'unknown',
  '',
  '_hidden',
  '010.0.0.1',
  '10.0.0.256',
  '0x7f.1',
  '10.0.0.1:',
  '[10.0.0.1]',
  '2001:db8::g',
  '1',
  '::',
  '[::1',
  '999.1.1.1',
  'x'.repeat(200),
]
const proxies = new TrustedProxies(TRUSTED)

/** The target. */
export const forwardedFor: Target = {
  name: 'forwarded for',
  about:
    '`TrustedProxies`, with an address and lines of X-Forwarded-For. Nothing throws. The result ' +
    "is the connection's address unless that is a trusted proxy, and otherwise the address that a " +
    'naive walk from the right finds.',
  files: ['server/src/http/client-address.ts'],
  words: [...ADDRESSES.slice(0, -1), ',', ', ', '\n', ' ', '[', ']', ':', '%', '\0', '\xa0'].map(fromLatin1),

  generate(chance) {
    const line = () => chance.several(5, () => chance.pick(ADDRESSES)).join(chance.pick([',', ', ', ' ,\t']))
    return fromLatin1([chance.pick(ADDRESSES), ...chance.several(3, line)].join('\n'))
  },

  run(input) {
    const [remote = '', ...lines] = latin1(input).split('\n')
    const rawHeaders = lines.flatMap((line, i) => [
      'Via',
      'x',
      i % 2 === 0 ? 'X-Forwarded-For' : 'x-forwarded-FOR',
      line,
    ])
    const address = proxies.clientAddress(remote, rawHeaders)
    if (!proxies.trusts(remote)) {
      mustEqual(address, remote, 'the address of one that is no proxy')
      return 'no proxy'
    }
    const hops = lines.join(',').split(',').map(plain).reverse()
    const end = lines.length === 0 ? 0 : hops.findIndex(hop => hop === undefined || !proxies.trusts(hop))
    const walked = end < 0 ? hops.at(-1) : (hops[end] ?? (end === 0 ? remote : hops[end - 1]))
    // An address has several spellings that are short.
    must(address === walked || plain(address) === walked, `${address} rather than ${walked}`)
    must(address === remote || isIP(address) > 0, 'not an address')
    return address === remote ? 'the proxy itself' : proxies.trusts(address) ? 'a trusted one' : 'a client'
  },
}

/** The address of an entry without brackets, port and zone, in the shortest spelling; undefined for what is none. */
function plain(entry: string): string | undefined {
  // White space counts: no proxy writes that much of it.
  if (entry.length > 128) return undefined
  const text = /^[ \t]*(.*?)[ \t]*$/s.exec(entry)![1]!
  const port = /^\[([^\]]*)\](?::\d{1,5})?$/.exec(text) ?? /^(\d+\.\d+\.\d+\.\d+):\d{1,5}$/.exec(text)
  const bare = port?.[1] ?? text
  if (text.startsWith('[') && isIP(bare) !== 6) return undefined
  if (isIP(bare) === 4) return bare
  if (isIP(bare) !== 6) return undefined
  const host = URL.parse(`http://[${bare.split('%')[0]}]/`)!.hostname.slice(1, -1)
  const mapped = /^::ffff:([0-9a-f]+):([0-9a-f]+)$/.exec(host)
  if (mapped === null) return host
  const [high, low] = [Number.parseInt(mapped[1]!, 16), Number.parseInt(mapped[2]!, 16)]
  return [high >> 8, high & 255, low >> 8, low & 255].join('.')
}
