// The hostile and unlucky inputs that the stack must survive, by id: what comes, and what we do. Data for the document and for the
// test that each has a test; the tests know the bytes.

/** A row. */
export interface Row {
  readonly id: string
  readonly comes: string
  readonly does: string
  /** Why no test here shows it, where none can. */
  readonly elsewhere: string | undefined
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
    ['T11', '10,000 empty texts in one segment', '10,000 messages; a slow handler holds them back'],
    [
      'T12',
      'a peer that vanishes without FIN',
      'its ping stays unanswered: 1006 after pingInterval + pongTimeout',
      'the network that is cut needs rights over it; the ping that nobody answers is R3',
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
    ],
    ['T16', 'a TLS handshake that stops', "closed at TLS's handshakeTimeout"],
  ]),
  createGroup('H', 'The opening handshake', [
    ['H1', 'the example of RFC 6455 §1.3', '101 with its accept value'],
    ['H2', 'POST, HEAD, PUT', '405, `Allow: GET`; 400 for what is no method'],
    ['H3', 'HTTP/1.0', 'never 101: an ordinary request, 426'],
    ['H4', 'no Host, two, an empty one, one that forms no URL', '400'],
    [
      'H5',
      'no Upgrade, no Connection, an Upgrade to something else',
      'an ordinary request: the page, or 426',
    ],
    ['H6', 'tokens in any case, among others', '101'],
    ['H7', 'a key that is missing, twice, or not 16 bytes of base64', '400'],
    ['H8', 'any version but 13', '426, `Sec-WebSocket-Version: 13`'],
    [
      'H9',
      'subprotocols that are no tokens; twice, none; a version twice',
      '400; a repeated one counts once, an empty list as none; no overlap is a 101 without one',
    ],
    ['H10', 'our own `upgrade` agrees to what was not offered', '500 before any 101'],
    ['H11', 'an extension that nobody knows', '101 without it'],
    [
      'H12',
      'parameters of an extension that make no sense',
      '101 without it; 400 where they cannot be parsed',
    ],
    ['H13', 'names such as `__proto__`', 'names like any others'],
    [
      'H14',
      '15 KiB of commas, spaces or escapes',
      '400, or 101 for a list without elements, in time that grows with their number',
    ],
    ['H15', 'a request that has a body', '400; the body is never read as frames'],
    ['H15b', 'the same, before the body has been sent', '400, and the process lives'],
    ['H16', 'a head of more than 16 KiB, a target of more than 8 KiB', '431, 414 where the server listens'],
    ['H17', 'bare LF, NUL, CR, folded lines, spaces where none may be', '400'],
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
    ['H25', '2,005 short fields; a list of fields that Node cuts short', '431, by Node'],
    ['H26', 'absolute targets, fragments, dots', 'routed by path, literally; 400 for a fragment'],
    ['H27', '`handleUpgrade` twice for one transport', 'throws; the first is unharmed'],
  ]),
  createGroup('F', 'Frames', [
    ['F1', 'RSV2 or RSV3', '1002'],
    ['F2', 'RSV1 without an extension', '1002'],
    ['F3', 'a frame without a mask', '1002'],
    ['F4', 'opcodes 3–7 and 11–15', '1002'],
    ['F5', 'a control frame without FIN', '1002'],
    ['F6', 'a control frame of more than 125 bytes', '1002'],
    ['F7', 'a length in more bytes than it needs', '1002'],
    ['F8', 'a 64-bit length with its first bit set', '1002'],
    ['F9', 'a length of 2^32 + 5, of 2^53 and more', '1009 at the header; nothing is allocated'],
    ['F10', 'a length above the limit, and no payload', '1009 at once'],
    ['F11', 'the masking key 0', 'legal'],
    ['F12', 'empty texts, binaries, pings', 'told as empty'],
    ['F13', 'pings', 'a pong each, in order; only the newest while the peer does not read'],
    ['F14', 'pongs that nobody asked for', 'ignored'],
    ['F15', 'a message far above the limit, sent in full', 'the peer reads the 1009 before the end'],
    ['F16', 'a masked frame, for a client', '1002'],
  ]),
  createGroup('G', 'Fragments', [
    ['G1', 'a continuation of nothing', '1002'],
    ['G2', 'a new message before the end of a fragmented message', '1002'],
    ['G3', 'pings, pongs, a Close between fragments', 'handled at once'],
    ['G4', 'a Close in the middle of a message', 'echoed; the part is never told'],
    ['G5', 'one byte too many, spread over frames', '1009 at the header that crosses'],
    [
      'G6',
      '131,073 fragments of one byte',
      '1008; 65,536 are a message; the memory is a few times the bytes',
    ],
    ['G7', '131,073 empty fragments', '1008'],
    ['G8', 'an empty first fragment', 'legal'],
    ['G9', 'all of these where messages are streamed', 'the same limits'],
  ]),
  createGroup('U', 'UTF-8', [
    ['U1', 'text that is not UTF-8', '1007'],
    ['U2', 'a character cut at any byte, by fragments or segments', 'legal'],
    ['U3', 'a wrong byte in a fragment that is not the last', '1007 at once, before the end of the message'],
    ['U4', 'a reason that is not UTF-8', '1007'],
    ['U5', 'a byte order mark and NUL in a text', 'told as they are'],
    ['U6', 'a lone surrogate that we send', 'leaves as U+FFFD'],
  ]),
  createGroup('C', 'Closing', [
    ['C1', 'an empty Close', 'an empty Close back, 1005'],
    ['C2', 'a Close of one byte', '1002'],
    ['C3', 'codes that must not be sent', '1002'],
    ['C4', 'codes that may be', 'echoed'],
    ['C5', 'data behind a Close', 'ignored'],
    ['C6', 'our send behind our Close', 'false, and no bytes'],
    ['C7', 'both close at once', 'clean for both, one report each'],
    ['C8', 'two Close frames', 'the second is ignored'],
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
    ],
    ['D2', 'invalid DEFLATE data', '1007'],
    ['D3', 'RSV1 on a control frame or a continuation', '1002'],
    ['D4', 'what inflates to wrong UTF-8', '1007, where it is wrong'],
    ['D5', 'fragments of which only the first has RSV1; only a later one', 'legal; 1002'],
    ['D6', 'a block with BFINAL set, and messages behind it', 'legal'],
    ['D7', 'empty messages', 'told as empty'],
    ['D8', 'messages that are not compressed, among others', 'legal'],
    [
      'D9',
      'references beyond the window, or to before the beginning; a window of more than 15 bits, for a client',
      '1007, or the message as it was sent; a handshake that fails',
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
    ['K1', 'an answer that is not HTTP, or only almost', 'ERR_WS_INVALID_RESPONSE, nothing is left'],
    ['K2', 'a 101 without what RFC 6455 requires, or of HTTP/1.0', 'the same'],
    ['K3', 'a subprotocol or extension that was not offered', 'the same'],
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
  rows: readonly (readonly [id: string, comes: string, does: string, elsewhere?: string])[],
): Group {
  return {
    letter,
    title,
    rows: rows.map(([id, comes, does, elsewhere]) => ({ id, comes, does, elsewhere })),
  }
}
