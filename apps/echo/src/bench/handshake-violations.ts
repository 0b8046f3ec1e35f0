// Responses to the opening handshake that a server must not send, each a valid 101 with one change,
// with the section of RFC 6455 that makes a client reject it.

import { computeAccept } from '@ws/handshake'

/** A response that a client must answer by failing the connection. */
export interface HandshakeViolation {
  readonly about: string
  /** Of RFC 6455. */
  readonly section: string
  /** Changes the fields of a valid response. */
  readonly change: (fields: ReadonlyMap<string, string>) => ReadonlyMap<string, string>
  /** The status line, if it is not that of a 101. */
  readonly statusLine?: string
}

const SWITCHING = 'HTTP/1.1 101 Switching Protocols'

/** The key of the example in RFC 6455 §1.3, which no client draws at random. */
const OTHER_KEY = 'dGhlIHNhbXBsZSBub25jZQ=='

/** The violations, by the names that `/invalid?case=` takes. */
export const HANDSHAKE_VIOLATIONS: Readonly<Record<string, HandshakeViolation>> = {
  accept: {
    about: 'the accept value of another key',
    section: '§4.1',
    change: fields => new Map([...fields, ['Sec-WebSocket-Accept', computeAccept(OTHER_KEY)]]),
  },
  'no-accept': {
    about: 'no accept value',
    section: '§4.1',
    change: fields => without(fields, 'Sec-WebSocket-Accept'),
  },
  'no-upgrade': {
    about: 'no Upgrade',
    section: '§4.1',
    change: fields => without(fields, 'Upgrade'),
  },
  'other-upgrade': {
    about: 'an Upgrade to another protocol',
    section: '§4.1',
    change: fields => new Map([...fields, ['Upgrade', 'example']]),
  },
  'no-connection': {
    about: 'a Connection without Upgrade',
    section: '§4.1',
    change: fields => new Map([...fields, ['Connection', 'keep-alive']]),
  },
  subprotocol: {
    about: 'a subprotocol that was not offered',
    section: '§4.1',
    change: fields => new Map([...fields, ['Sec-WebSocket-Protocol', 'not-offered']]),
  },
  extension: {
    about: 'an extension that was not offered',
    section: '§4.1',
    change: fields => new Map([...fields, ['Sec-WebSocket-Extensions', 'not-offered']]),
  },
  status: {
    about: 'the status 200 instead of 101',
    section: '§4.1',
    change: fields => fields,
    statusLine: 'HTTP/1.1 200 OK',
  },
}

/** The response to a request with this key. */
export function formatViolation({ change, statusLine = SWITCHING }: HandshakeViolation, key: string): string {
  const fields = change(
    new Map([
      ['Upgrade', 'websocket'],
      ['Connection', 'Upgrade'],
      ['Sec-WebSocket-Accept', computeAccept(key)],
    ]),
  )
  const lines = Array.from(fields, ([name, value]) => `${name}: ${value}`)
  return `${[statusLine, ...lines].join('\r\n')}\r\n\r\n`
}

function without(fields: ReadonlyMap<string, string>, name: string): ReadonlyMap<string, string> {
  return new Map([...fields].filter(([each]) => each !== name))
}
