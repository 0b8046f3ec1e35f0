// Paths that report the request to the client, then echo.

import { type BenchPath, definePath } from '../path.ts'
import { parameter } from '../query.ts'
import { ValueError } from '../values.ts'

export const HEADERS: BenchPath = definePath({
  route: '/headers',
  usage: '/headers',
  about: 'Sends the head of the request as JSON, header fields as they were sent, then echoes.',
  parameters: {},
  open({ head, sender }) {
    const { method, target, rawHeaders } = head
    const headers = []
    for (let i = 0; i + 1 < rawHeaders.length; i += 2) headers.push([rawHeaders[i], rawHeaders[i + 1]])
    return sender.send(JSON.stringify({ method, target, headers }))
  },
})

export const SUBPROTOCOL: BenchPath = definePath({
  route: '/subprotocol',
  usage: '/subprotocol',
  about: 'Sends the offered subprotocols and the chosen one as JSON, then echoes.',
  parameters: {},
  open: ({ offered, protocol, sender }) => sender.send(JSON.stringify({ offered, chosen: protocol ?? null })),
})

export const COOKIE: BenchPath = definePath({
  route: '/cookie',
  usage: '/cookie',
  about: 'Sends the Cookie header of the request as a text, and sets a cookie for this path, then echoes.',
  parameters: {
    set: parameter<string | undefined>('flavor=oat', 'a cookie to set in the 101', undefined, readCookie),
  },
  upgrade({ query }) {
    if (query.set === undefined) return undefined
    return { headers: { 'Set-Cookie': `${query.set}; Path=/cookie; HttpOnly; SameSite=Strict` } }
  },
  open({ head, sender }) {
    const cookies = head.rawHeaders.filter((_, i, all) => i % 2 === 1 && /^cookie$/i.test(all[i - 1] ?? ''))
    return sender.send(cookies.join('; '))
  },
})

/** A `cookie-pair` (RFC 6265 §4.1.1), so that it cannot add attributes. */
function readCookie(text: string): string {
  if (/^[\w!#$%&'*+.^`|~-]+=[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]*$/.test(text)) return text
  throw new ValueError(`must be a name and a value such as flavor=oat, not ${JSON.stringify(text)}`)
}
