// The lists that the opening handshake has in its fields: extensions, subprotocols.

import { formatExtensions, parseExtensions, parseProtocols } from '@ws/handshake'
import { fromLatin1, latin1, must, mustEqual, type Target } from '../target.ts'

const WORDS = [
  'permessage-deflate',
  'x-webkit-deflate-frame',
  'server_max_window_bits',
  'client_no_context_takeover',
  '=',
  ';',
  ',',
  '"',
  '\\',
  '"8"',
  '=15',
  '; ',
  ', ',
  ' ',
  '\t',
  '\xa0',
  '\0',
  '\x7f',
  '__proto__',
  'constructor',
  '\\"',
  '""',
  '"a b"',
  '"\\a"',
  'a',
  '=a=',
  ';;',
  '\xff',
]
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/
// RFC 6455 §9.1 with the implied white space of RFC 2616, and RFC 9110 §5.6: as one expression, for texts that are short.
const QUOTED = '"(?:\\\\[!#$%&\'*+\\-.^_`|~0-9A-Za-z]|[!#$%&\'*+\\-.^_`|~0-9A-Za-z])+"'
const ONE = `[!#$%&'*+\\-.^_\`|~0-9A-Za-z]+[ \\t]*(?:;[ \\t]*[!#$%&'*+\\-.^_\`|~0-9A-Za-z]+[ \\t]*(?:=[ \\t]*(?:[!#$%&'*+\\-.^_\`|~0-9A-Za-z]+|${QUOTED})[ \\t]*)?)*`
const LIST = new RegExp(`^[ \\t,]*${ONE}(?:,[ \\t,]*(?:${ONE})?)*$`)
/** The expression goes back and forth in a long text. */
const SHORT = 60

/** The target. */
export const extensionHeader: Target = {
  name: 'extension header',
  about:
    '`parseExtensions` and `parseProtocols`. The result is undefined, or tokens that survive ' +
    'being written and parsed again. The grammar as a regular expression agrees for short texts. ' +
    'No prototype is changed.',
  files: ['handshake/src/extensions.ts', 'handshake/src/tokens.ts', 'handshake/src/subprotocols.ts'],
  words: WORDS.map(fromLatin1),

  generate(chance) {
    const extension = () =>
      [
        chance.pick(WORDS),
        ...chance.several(3, () => chance.pick([chance.pick(WORDS), `a=${chance.pick(WORDS)}`, 'b="8"'])),
      ].join(';')
    return fromLatin1(chance.several(4, extension).join(chance.pick([',', ', ', ' ,'])))
  },

  run(input) {
    const text = latin1(input)
    const prototype = Object.getOwnPropertyNames(Object.prototype).length
    const extensions = parseExtensions(text)
    const subprotocols = parseProtocols(text)
    must(
      Object.getOwnPropertyNames(Object.prototype).length === prototype,
      'the prototype of all objects has changed',
    )
    if (text.length <= SHORT)
      mustEqual(extensions !== undefined, LIST.test(text), 'parseExtensions and the grammar')
    if (subprotocols !== undefined) {
      must(
        subprotocols.length > 0 && subprotocols.every(name => TOKEN.test(name)),
        'a subprotocol that is no token',
      )
      mustEqual(parseProtocols(subprotocols.join(', ')), subprotocols, 'subprotocols read again')
    }
    const second = subprotocols === undefined ? 'no subprotocols' : 'subprotocols'
    if (extensions === undefined) return `malformed, ${second}`
    must(extensions.length > 0, 'an empty list')
    for (const { name, params } of extensions) {
      must(TOKEN.test(name), 'a name that is no token')
      for (const [key, value] of params)
        must(TOKEN.test(key) && (value === true || TOKEN.test(value)), 'a parameter that is no token')
    }
    mustEqual(parseExtensions(formatExtensions(extensions)), extensions, 'extensions read again')
    return `${extensions.length > 1 ? 'several' : 'one'}${extensions.some(({ params }) => params.length > 0) ? ' with parameters' : ''}, ${second}`
  },
}
