// The rows of group H that are a head, and those of group T that are sent in the place of one: the table of @ws/handshake, and what
// only a socket has. Each with the status that a whole server answers: Node reads the head before we do.

import type { OriginPolicy } from '@ws/handshake'
import { concat, hex } from '@ws/testing'
import { openingRequest } from '../../packages/handshake/test/example.ts'
import { heads, type Row, request, rows, UPGRADE } from '../../packages/handshake/test/rows.ts'

/** A head, and what comes of it. */
export interface HeadRow {
  /** Begins with the ids of its rows. */
  readonly name: string
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly origin: OriginPolicy
  /** The status for who asks a server that listens by itself. */
  readonly status: number
  /** Whether it is Node that gives it. */
  readonly byNode: boolean
  /** Whether a limit of ours decides, which the HTTP server that we are attached to has not. */
  readonly byOurLimits: boolean
  /** Whether it is an ordinary request, which is answered by the HTTP server that we are attached to: with its page. */
  readonly ordinary: boolean
}

/**
 * The rows that the parser of Node refuses before we hear of them, with the status that it gives them. It writes `Connection: close`
 * and no body, and closes on what has not been read yet, which is a reset for who is still sending.
 */
const byNode: Readonly<Record<string, number>> = {
  'H2 get in lower case is another method': 400,
  'H15 Content-Length twice': 400,
  'H15 malformed Content-Length': 400,
  'H15 empty Content-Length': 400,
  'H15 both': 400,
  'H16 head of more than 16 KiB': 431,
  'H16 head of more than 16 KiB, in short fields': 431,
  'H16 target that never ends': 431,
  'H17 raw 0xE9 in the target': 400,
  'H17 space in the target': 400,
  'H17 bare LF': 400,
  'H17 bare LF in a field': 400,
  'H17 NUL': 400,
  'H17 CR in a value': 400,
  'H17 obs-fold': 400,
  'H17 obs-fold by tab': 400,
  'H17 space before the colon': 400,
  'H25 2,005 short headers': 431,
  'T15 TLS ClientHello': 400,
  'T15 HTTP/2 preface': 400,
}

/** The rows that ask for no upgrade: where we are attached to an HTTP server, their requests are none of ours. */
const ordinary: ReadonlySet<string> = new Set([
  'H5 no Upgrade',
  'H5 no Connection',
  'H5 Connection without the token',
])

/** All of them. The server has no option that requires an Origin: that is for its user's `upgrade`. */
export const headRows: readonly HeadRow[] = [
  ...rows.filter(([, , , , options]) => options?.requireOrigin === undefined).map(fromRow),
  ...heads.map(([name, status, bytes]) => createRow(name, status, bytes)),
  ...(
    [
      ['H14 escapes never closed', 400, `a;b="${'\\c'.repeat(4000)}`],
      ['H14 15,000 commas', 101, ','.repeat(15_000)],
      ['H14 15,000 spaces', 101, ' '.repeat(15_000)],
    ] as const
  ).map(([name, status, value]) =>
    createRow(name, status, request('GET / HTTP/1.1', ...UPGRADE, `Sec-WebSocket-Extensions: ${value}`)),
  ),
  createRow(
    'H15 a body that looks like a frame',
    400,
    concat(request('GET / HTTP/1.1', ...UPGRADE, 'Content-Length: 6'), hex('81 80 00000000')),
  ),
  ...['Content-Length: 5', 'Transfer-Encoding: chunked'].map(field =>
    createRow(`H15b ${field}, and no body`, 400, request('GET / HTTP/1.1', ...UPGRADE, field)),
  ),
]

function fromRow([name, status, changes, parts, options]: Row): HeadRow {
  const { method, url, httpVersion, rawHeaders } = openingRequest(changes, parts)
  const fields = rawHeaders.flatMap((field, i) => (i % 2 === 0 ? [`${field}: ${rawHeaders[i + 1]}`] : []))
  const text = [`${method} ${url} HTTP/${httpVersion}`, ...fields, '', ''].join('\r\n')
  return createRow(name, status, new Uint8Array(Buffer.from(text, 'latin1')), options?.origin)
}

function createRow(
  name: string,
  status: number,
  bytes: Uint8Array<ArrayBuffer>,
  origin: OriginPolicy = 'same-host',
): HeadRow {
  return {
    name,
    bytes,
    origin,
    status: byNode[name] ?? status,
    byNode: name in byNode,
    byOurLimits: status === 414 && !(name in byNode),
    ordinary: ordinary.has(name),
  }
}
