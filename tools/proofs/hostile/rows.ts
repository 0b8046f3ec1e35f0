// The hostile and unlucky inputs that the stack must survive, by id. The bytes are in the
// conformance cases; what only our server or client can be asked is in tests that have the id in
// their names.

/** A row. */
export interface Row {
  readonly id: string
  readonly comes: string
  readonly does: string
  /** Patterns of the conformance cases that send it. */
  readonly cases: readonly string[]
}

/** Rows about one thing. */
export interface Group {
  readonly letter: string
  readonly title: string
  readonly rows: readonly Row[]
}

/** All groups, in the order of the connection's life. */
export const groups: readonly Group[] = [
  createGroup('T', 'TCP', [
    ['T1', 'a connection that says nothing', '408 or FIN when the time for a head is over'],
    [
      'T2',
      'a head that trickles in, a byte now and then',
      '408 when the time for a head is over: it is counted for all of it',
    ],
    ['T3', 'RST in the middle of the head', 'nothing is told, nothing is left'],
    ['T4', 'RST while `upgrade` is still at work', 'no 101, no open, no uncaught error'],
    ['T5', 'FIN right behind the request', 'destroyed, no open'],
    ['T6', 'FIN behind the 101 without a Close', 'reported as 1006, our FIN, gone'],
    ['T7', 'FIN inside a frame', '1006; the part is never told'],
    [
      'T8',
      'RST while a mebibyte waits to be read',
      '1006; `ready` resolves, what streams is rejected once, one report',
    ],
    [
      'T9',
      'frames in the packet of the request',
      'all told, in order, however late the open handler is done',
    ],
    ['T10', 'every byte a segment of its own', 'the same events'],
    ['T11', '10,000 empty texts in one segment', '10,000 messages; a slow handler holds them back', 'L3.*'],
    [
      'T12',
      'a peer that vanishes without FIN',
      'its ping stays unanswered: 1006 after pingInterval + pongTimeout',
    ],
    [
      'T13',
      'no file descriptor for the next connection',
      'those that are there are unharmed; accepted again when there is one',
    ],
    ['T14', 'accept and write fail by the kernel', 'no crash'],
    [
      'T15',
      'TLS or HTTP/2 on a port for plain HTTP, and the reverse',
      '400; an alert on the port for TLS; no crash',
      'H2.36,H2.37',
    ],
    ['T16', 'a TLS handshake that stops', "closed at TLS's handshakeTimeout"],
  ]),
  createGroup('H', 'The opening handshake', [
    ['H1', 'the example of RFC 6455 §1.3', '101 with its accept value', 'H1.1'],
    ['H2', 'POST, HEAD, PUT', '405, `Allow: GET`; 400 for what is no method', 'H2.1,H2.19,H2.20,H2.21'],
    ['H3', 'HTTP/1.0', 'never 101: an ordinary request, 426', 'H2.2'],
    ['H4', 'no Host, two, an empty one, one that forms no URL', '400', 'H2.3,H2.4,H2.22,H2.23,H4.8'],
    [
      'H5',
      'no Upgrade, no Connection, an Upgrade to something else',
      'an ordinary request: the page, or 426',
      'H2.5,H2.6,H2.7,H2.8',
    ],
    ['H6', 'tokens in any case, among others', '101', 'H1.2,H1.3,H1.8'],
    [
      'H7',
      'a key that is missing, twice, or not 16 bytes of base64',
      '400',
      'H2.9,H2.10,H2.11,H2.12,H2.24,H2.25,H2.26',
    ],
    [
      'H8',
      'any version but 13',
      '426, `Sec-WebSocket-Version: 13`',
      'H2.13,H2.14,H2.15,H2.27,H2.28,H2.29,H2.30,H2.31,H2.32,H2.33',
    ],
    [
      'H9',
      'subprotocols that are no tokens; twice, none; a version twice',
      '400; a repeated one counts once, an empty list as none; no overlap is a 101 without one',
      'H1.11,H1.12,H2.34',
    ],
    ['H10', 'our own `upgrade` agrees to what was not offered', '500 before any 101'],
    ['H11', 'an extension that nobody knows', '101 without it', 'H1.7'],
    [
      'H12',
      'parameters of an extension that make no sense',
      '101 without it; 400 where they cannot be parsed',
      'H2.16,H2.35,H3.*',
    ],
    ['H13', 'names such as `__proto__`', 'names like any others', 'H1.10'],
    [
      'H14',
      '15 KiB of commas, spaces or escapes',
      '400, or 101 for a list without elements, in time that grows with their number',
      'H1.13',
    ],
    [
      'H15',
      'a request that has a body',
      '400; the body is never read as frames',
      'H1.14,H4.1,H4.3,H4.4,H4.5,H4.6,H4.7',
    ],
    ['H15b', 'the same, before the body has been sent', '400, and the process lives', 'H4.2'],
    [
      'H16',
      'a head of more than 16 KiB, a target of more than 8 KiB',
      '431, 414 where the server listens',
      'H5.1,H5.3',
    ],
    [
      'H17',
      'bare LF, NUL, CR, folded lines, spaces where none may be',
      '400',
      'H2.17,H2.18,H4.9,H4.10,H4.11,H4.12,H4.13,H4.14',
    ],
    ['H18', 'an Origin that is not allowed', '403'],
    ['H19', 'no Origin', '101, unless the policy requires one'],
    ['H20', 'an Origin that is none', '403'],
    [
      'H21',
      '`upgrade` throws, or never comes to an end',
      '500, 503 at handshakeTimeout; nothing for who has left',
    ],
    ['H22', 'a second request behind a refused one', 'never processed; FIN behind the refusal'],
    [
      'H23',
      'too many sockets, too many from one address, a server that closes',
      '503, 429, 503 with `Retry-After`',
    ],
    ['H24', 'CR, LF or NUL in a header of our own', 'TypeError for the caller, 500 for the peer'],
    ['H25', '2,005 short fields; a list of fields that Node cuts short', '431, by Node', 'H5.2'],
    [
      'H26',
      'absolute targets, fragments, dots',
      'routed by path, literally; 400 for a fragment',
      'H1.9,H4.15,H4.16,H4.17',
    ],
    ['H27', '`handleUpgrade` twice for one transport', 'throws; the first is unharmed'],
  ]),
  createGroup('F', 'Frames', [
    ['F1', 'RSV2 or RSV3', '1002', '3.*,R1.*,D2.3,D2.10'],
    ['F2', 'RSV1 without an extension', '1002', 'R1.1,R1.4,R1.7,R1.10,R1.13,R1.16,R1.19,R1.22,R3.3'],
    ['F3', 'a frame without a mask', '1002', 'M1.*'],
    ['F4', 'opcodes 3–7 and 11–15', '1002', '4.*,R2.*,R3.1,R3.2'],
    ['F5', 'a control frame without FIN', '1002', '5.1,5.2,C3.1,R3.5'],
    ['F6', 'a control frame of more than 125 bytes', '1002', '2.5,7.3.6,C3.2,P1.*,R3.6'],
    ['F7', 'a length in more bytes than it needs', '1002', 'L1.1,L1.2,L1.3,L1.4,L1.5'],
    ['F8', 'a 64-bit length with its first bit set', '1002', 'L1.6'],
    [
      'F9',
      'a length of 2^32 + 5, of 2^53 and more',
      '1009 at the header; nothing is allocated',
      'L1.7,L1.8,L1.9',
    ],
    ['F10', 'a length above the limit, and no payload', '1009 at once'],
    ['F11', 'the masking key 0', 'legal', 'M4.*'],
    ['F12', 'empty texts, binaries, pings', 'told as empty', '1.1.1,1.2.1,2.1,6.1.1,L3.2'],
    [
      'F13',
      'pings',
      'a pong each, in order; only the newest while the peer does not read',
      '2.1,2.2,2.3,2.4,2.6,2.10,2.11,P3.1',
    ],
    ['F14', 'pongs that nobody asked for', 'ignored', '2.7,2.8,2.9,P2.2,P3.2'],
    ['F15', 'a message far above the limit, sent in full', 'the peer reads the 1009 before the end'],
    ['F16', 'a masked frame, for a client', '1002', 'M2.*'],
  ]),
  createGroup('G', 'Fragments', [
    ['G1', 'a continuation of nothing', '1002', '5.9,5.10,5.11,5.12,5.13,5.14,5.15,5.16,5.17,R3.4'],
    ['G2', 'a new message before the end of a fragmented message', '1002', '5.18'],
    ['G3', 'pings, pongs, a Close between fragments', 'handled at once', '5.6,5.7,5.8,5.19,5.20,P2.*,L2.2'],
    ['G4', 'a Close in the middle of a message', 'echoed; the part is never told', '7.1.5'],
    ['G5', 'one byte too many, spread over frames', '1009 at the header that crosses'],
    [
      'G6',
      '131,073 fragments of one byte',
      '1008; 65,536 are a message; the memory is a few times the bytes',
      'L4.1,L4.2',
    ],
    ['G7', '131,073 empty fragments', '1008', 'L4.3'],
    ['G8', 'an empty first fragment', 'legal', '6.1.2,6.1.3'],
    ['G9', 'all of these where messages are streamed', 'the same limits'],
  ]),
  createGroup('U', 'UTF-8', [
    [
      'U1',
      'text that is not UTF-8',
      '1007',
      '6.3.*,6.8.*,6.10.*,6.12.*,6.13.*,6.14.*,6.15.*,6.16.*,6.17.*,6.18.*,6.19.*,6.20.*,6.21.*,U4.*',
    ],
    [
      'U2',
      'a character cut at any byte, by fragments or segments',
      'legal',
      '6.2.3,6.2.4,U2.2,U2.4,U2.6,U2.8,U2.10,U2.12',
    ],
    [
      'U3',
      'a wrong byte in a fragment that is not the last',
      '1007 at once, before the end of the message',
      '6.4.*,U1.*,U3.*',
    ],
    ['U4', 'a reason that is not UTF-8', '1007', '7.5.1,C2.3,C2.4,C2.5,C2.7,C2.8,C2.9'],
    ['U5', 'a byte order mark and NUL in a text', 'told as they are', 'U2.*,C2.6'],
    ['U6', 'a lone surrogate that we send', 'leaves as U+FFFD'],
  ]),
  createGroup('C', 'Closing', [
    ['C1', 'an empty Close', 'an empty Close back, 1005', '7.3.1'],
    ['C2', 'a Close of one byte', '1002', '7.3.2,C4.3'],
    ['C3', 'codes that must not be sent', '1002', '7.9.*,C1.4,C1.11,C1.12,C1.13,C1.14,C1.15,C1.16'],
    [
      'C4',
      'codes that may be',
      'echoed',
      '7.7.*,C1.1,C1.2,C1.3,C1.5,C1.6,C1.7,C1.8,C1.9,C1.10,7.3.3,7.3.4,7.3.5,C2.1,C2.2',
    ],
    ['C5', 'data behind a Close', 'ignored', '7.1.3,7.1.4,C4.*'],
    ['C6', 'our send behind our Close', 'false, and no bytes'],
    ['C7', 'both close at once', 'clean for both, one report each'],
    ['C8', 'two Close frames', 'the second is ignored', '7.1.2'],
    ['C9', 'a Close of ours that is never answered', 'torn down at closeTimeout, 1006'],
    ['C10', 'an answer, but no FIN', 'our FIN first, torn down at closeTimeout'],
    ['C11', 'codes and reasons of ours that cannot travel', 'TypeError or RangeError, nothing has happened'],
    [
      'C12',
      'binary for a text-only endpoint, too much, a handler that throws',
      '1003, 1008 or 1009, 1011, each in its place',
    ],
  ]),
  createGroup('D', 'Compression (RFC 7692)', [
    [
      'D1',
      '4 MiB of zeros in 4 KB, against a limit of 1 MiB',
      '1009; never more than the limit and 256 KiB are held',
      'D6.1',
    ],
    ['D2', 'invalid DEFLATE data', '1007', 'D2.4,D2.5,D2.13'],
    ['D3', 'RSV1 on a control frame or a continuation', '1002', 'D2.1,D2.2,D2.11,D2.12'],
    ['D4', 'what inflates to wrong UTF-8', '1007, where it is wrong', 'D2.7,D2.8,D2.9'],
    ['D5', 'fragments of which only the first has RSV1; only a later one', 'legal; 1002', 'D1.6,D1.7,D2.1'],
    ['D6', 'a block with BFINAL set, and messages behind it', 'legal', 'D5.3,D5.5'],
    ['D7', 'empty messages', 'told as empty', 'D1.3,D1.8'],
    ['D8', 'messages that are not compressed, among others', 'legal', 'D1.4'],
    [
      'D9',
      'references beyond the window, or to before the beginning; a window of more than 15 bits, for a client',
      '1007, or the message as it was sent; a handshake that fails',
      'D2.6,D3.*,K3.1,K3.2',
    ],
    ['D10', 'an end while zlib is at work', 'its result is dropped, its memory freed'],
    [
      'D11',
      '1,000 connections with 100 compressed messages each',
      'so many at a time, each in order; the memory comes back',
    ],
    ['D12', 'a connection that says nothing', 'holds no state of zlib, unless it has context takeover'],
  ]),
  createGroup('K', 'Servers and proxies, for a client', [
    ['K1', 'an answer that is not HTTP, or only almost', 'ERR_WS_INVALID_RESPONSE, nothing is left', 'K2.13'],
    [
      'K2',
      'a 101 without what RFC 6455 requires, or of HTTP/1.0',
      'the same',
      'K2.1,K2.2,K2.3,K2.4,K2.5,K2.6,K2.7,K2.8,K2.9,K2.14',
    ],
    ['K3', 'a subprotocol or extension that was not offered', 'the same', 'K2.10,K2.11,K2.12,K2.15,K3.*'],
    [
      'K4',
      'heads, interim responses, bodies and chunks without end',
      'cut off; at most 64 KiB of a body are kept, with the response',
    ],
    [
      'K5',
      'redirects without end, to nowhere, from wss: to ws:',
      'an error with the response; another origin does not get credentials',
    ],
    ['K6', 'RST or FIN after any byte, through TLS and proxies', 'an error with a code, nothing is left'],
    ['K7', 'a compressed message that inflates to 256 MiB', '1009, in constant memory'],
    ['K8', 'silence at any stage', 'ERR_WS_HANDSHAKE_TIMEOUT, nothing is left'],
    ['K9', 'a proxy that refuses or answers nonsense', 'an error of its own, without credentials'],
  ]),
  createGroup('R', 'Resources and slow peers', [
    [
      'R1',
      'connections by the thousand that say nothing',
      'gone when the time for a head is over; others are served',
    ],
    ['R2', 'handshakes without end', 'no memory is left'],
    ['R3', 'a peer that answers no ping', 'torn down at pongTimeout'],
    ['R4', 'a frame that trickles in', 'messageTimeout is for all of it: 1008'],
    ['R5', 'a peer that does not read', 'torn down at maxBufferedAmount or writeTimeout; others are served'],
    ['R6', 'messages faster than their handler', 'the socket is paused; none is lost, in order'],
    ['R7', 'messages above their rate', '1008 behind the burst'],
    ['R8', 'pings by the thousand', 'a flat memory; 1008 above their rate'],
    ['R9', 'no answer to our ping', 'no second one'],
    ['R10', '65,536 topics for one socket', 'an error above maxTopics'],
    ['R11', 'JSON nested 100,000 deep', 'no stack overflow'],
    ['R12', 'options that make no sense', 'TypeError or RangeError when the server is made'],
    [
      'R13',
      'buffers of all peers together above `maxTotalBuffered`',
      '1013 or torn down, those that hold the most first; 503',
    ],
  ]),
  createGroup('L', 'Races of the lifecycle', [
    [
      'L1',
      'a message handler that throws or rejects',
      '1011 for that peer; the error is reported; others unharmed',
    ],
    ['L2', 'an open handler that throws', '1011; the error is reported'],
    ['L3', 'a close handler that throws', 'told once'],
    ['L4', '`close` in handlers, twice, before open', 'closes once'],
    ['L5', '`send` in the close handler', 'false'],
    ['L6', 'messages, a Close and FIN while the socket is held', 'told in order when it goes on'],
    ['L7', '`terminate` while an extension is at work', 'its result is dropped'],
    ['L8', '`terminate` while the server closes', 'one report, the server closes'],
    ['L9', 'an error and an end at once', 'one report'],
    ['L10', 'SIGTERM with many sockets', '1001 or 1012 for each, 503 for who comes, exit'],
    ['L11', 'a server that has closed', 'keeps no process alive'],
    ['L12', 'a wall clock that jumps', 'nothing: all times are by the monotonic one'],
    ['L13', 'a process that is stopped for a while', 'nobody is condemned whose pong already waits'],
    ['L14', 'an event loop that stands still', 'the same'],
    ['L15', 'rejections that nobody takes, deprecations', 'none'],
    [
      'L16',
      'a ping, a Close or the end of the network while a handler is pending',
      'answered, noticed at once',
    ],
    ['L17', 'peers that leave while handlers await the end', 'the handlers go on, the sockets close'],
    [
      'L18',
      'peers that come back while their handlers are pending',
      'counted until these settle, or closeTimeout',
    ],
  ]),
]

/** A row's id in the name of a test. A number in a percent-encoded path is none. */
const ID = /(?<![\w%])[THFGUCDKRL]\d{1,2}b?(?![\w%])/g

const known: ReadonlySet<string> = new Set(groups.flatMap(({ rows }) => rows.map(({ id }) => id)))

/** The ids in a test's name. */
export function idsIn(name: string): string[] {
  return [...new Set(name.match(ID) ?? [])].filter(id => known.has(id))
}

function createGroup(
  letter: string,
  title: string,
  rows: readonly (readonly [id: string, comes: string, does: string, cases?: string])[],
): Group {
  return {
    letter,
    title,
    rows: rows.map(([id, comes, does, cases]) => ({ id, comes, does, cases: cases?.split(',') ?? [] })),
  }
}
