// Origins and hosts: which pages may connect to which host.
//
//   input:  origin | a line feed | host[:port] | a line feed | target

import { isAllowedOrigin, parseOrigin, parseTarget, validateRequest } from '@ws/handshake'
import { fromLatin1, latin1, must, mustEqual, type Target } from '../target.ts'

const HOSTS = [
  'localhost',
  'good.example',
  'GOOD.example:443',
  'good.example:80',
  'good.example.evil',
  'evil-good.example',
  'good.example.',
  '[::1]',
  '[::1]:80',
  '127.0.0.1',
  'a@b',
  'good.example:',
  'good.example:99999',
  '%67ood.example',
  'xn--mnchen-3ya.example',
  '',
]
const WORDS = [
  ...HOSTS,
  'http://',
  'https://',
  'HTTPS://',
  'ws://',
  'null',
  '//',
  ':',
  '@',
  '/',
  '?',
  '#',
  '.',
  '[',
  ']',
  '%',
  '%2e',
  ' ',
  '\\',
  '\0',
  ':80',
  ':443',
  '\n',
  '\xfc',
]

/** Origins of pages without a host. */
const HOSTLESS = ['null', 'file://']

/** The target. */
export const origin: Target = {
  name: 'origin and target',
  about:
    '`parseOrigin`, `isAllowedOrigin`, `validateRequest` and `parseTarget`. An origin has one ' +
    'spelling. A page that is allowed under the same host has that host for the WHATWG URL parser ' +
    'too. A list allows what it lists. Only `any` allows an origin that cannot be parsed, except that ' +
    'a list may have `null` and `file://`.',
  files: ['handshake/src/origin.ts', 'handshake/src/authority.ts', 'handshake/src/target.ts'],
  words: WORDS.map(fromLatin1),

  generate(chance) {
    const host = chance.pick(HOSTS)
    const other = chance.oneIn(2) ? host : chance.pick(HOSTS)
    const target = chance.pick([
      '/',
      '/ws?a=1',
      'http://h/ws',
      '//ws',
      '*',
      '/a#b',
      'https://[::1]?x',
      'http:///',
      '/%2e%2e/',
    ])
    return fromLatin1(
      `${chance.pick(['http://', 'https://', 'HTTP://', 'ws://', ''])}${host}\n${other}\n${target}`,
    )
  },

  run(input) {
    const [text = '', host = '', target = ''] = latin1(input).split('\n')
    judgeTarget(target)
    const parsed = parseOrigin(text)
    must(isAllowedOrigin(text, host, 'any'), 'any lets in any')
    const same = isAllowedOrigin(text, host, 'same-host')
    if (parsed === undefined) {
      const listed = isAllowedOrigin(text, host, [text])
      must(!same && listed === HOSTLESS.includes(text), 'an origin that cannot be read is let in')
      return listed ? 'an origin without a host' : 'not an origin'
    }
    mustEqual(parseOrigin(parsed), parsed, 'the one spelling, read again')
    must(
      isAllowedOrigin(text, host, [parsed]) && isAllowedOrigin(parsed, host, [text]),
      'a list that does not let in what it lists',
    )
    must(!isAllowedOrigin(text, host, []), 'an empty list lets in')
    const verdict = validateRequest({
      method: 'GET',
      url: '/',
      httpVersion: '1.1',
      rawHeaders: headers(text, host),
    })
    // White space at the ends of a field is no part of it, so there the texts differ.
    if (text === text.trim() && host === host.trim())
      must(verdict.ok === same || !verdict.ok, 'validateRequest lets in what the policy does not')
    if (!same) return 'another host'
    const [ours, theirs] = [URL.parse(text), URL.parse(`${parsed.slice(0, parsed.indexOf(':'))}://${host}`)]
    must(
      ours === null || theirs === null || ours.host === theirs.host,
      `let in: ${ours?.host} is not ${theirs?.host}`,
    )
    return 'same host'
  },
}

function judgeTarget(text: string): void {
  const target = parseTarget(text)
  if (target === undefined) return
  const { path, search, host } = target
  must(path.startsWith('/') && !/[?#]/.test(path), 'a path that is none')
  must(search === '' || search.startsWith('?'), 'a query that is none')
  if (host === undefined) mustEqual(path + search, text, 'the target, put together')
  else must(text.toLowerCase().includes(`://${host.toLowerCase()}`), 'a host that was not sent')
}

function headers(text: string, host: string): string[] {
  return [
    ...['Host', host, 'Origin', text, 'Upgrade', 'websocket', 'Connection', 'Upgrade'],
    ...['Sec-WebSocket-Key', 'dGhlIHNhbXBsZSBub25jZQ==', 'Sec-WebSocket-Version', '13'],
  ]
}
