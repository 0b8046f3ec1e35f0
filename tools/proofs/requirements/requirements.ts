// Every MUST and MUST NOT of RFC 6455 §4 to §8, in the RFC's order and words, and where it is proved. Four sentences that say a
// small "must" stand here as well: everybody obeys them. REQUIRED and SHALL do not occur in these sections. Knows no test but
// by name; that each exists is tested beside this file.

/** Where a proof stands: a package, and a part of the name of a test there that no other file of that package has. */
export interface Proof {
  readonly package: 'frame' | 'handshake' | 'protocol' | 'connection' | 'server'
  readonly test: string
}

/** One sentence. Either it has proofs, or it is not ours to obey, for a reason. */
export type Requirement = { readonly quote: string } & (
  | { readonly proofs: readonly Proof[] }
  | { readonly notOurs: string }
)

/** The sentences of one section. */
export interface Section {
  readonly number: string
  readonly title: string
  readonly requirements: readonly Requirement[]
}

const NO_CONNECTOR =
  'we open no connections; the request is made, and the response judged, for a connection that there is'
const NO_INTERMEDIARY = 'we are an end of a connection, no intermediary'
const NO_EXTENSION_AUTHOR = 'we specify no extension'

const frame = (test: string): Proof => ({ package: 'frame', test })
const handshake = (test: string): Proof => ({ package: 'handshake', test })
const protocol = (test: string): Proof => ({ package: 'protocol', test })
const connection = (test: string): Proof => ({ package: 'connection', test })
const server = (test: string): Proof => ({ package: 'server', test })

const proved = (quote: string, ...proofs: readonly Proof[]): Requirement => ({ quote, proofs })
const notOurs = (quote: string, reason: string): Requirement => ({ quote, notOurs: reason })

/** The inventory. */
export const sections: readonly Section[] = [
  {
    number: '4.1',
    title: 'Client Requirements',
    requirements: [
      proved(
        "it MUST open a connection, send an opening handshake, and read the server's handshake in response",
        handshake('our client’s request is always valid, and the client accepts the server’s response'),
      ),
      proved(
        'The components of the WebSocket URI passed into this algorithm (/host/, /port/, /resource name/, and /secure/ flag) MUST be valid',
        handshake('throws a TypeError for %j'),
      ),
      proved(
        'If any of the components are invalid, the client MUST _Fail the WebSocket Connection_ and abort these steps.',
        handshake('throws a TypeError for %j'),
      ),
      notOurs(
        'the client MUST wait until that connection has been established or for that connection to have failed',
        NO_CONNECTOR,
      ),
      notOurs('There MUST be no more than one connection in a CONNECTING state.', NO_CONNECTOR),
      notOurs(
        'the client MUST serialize them so that there is no more than one connection at a time running through the following steps',
        NO_CONNECTOR,
      ),
      notOurs(
        'the client MUST assume for the purposes of this step that each host name refers to a distinct remote host',
        NO_CONNECTOR,
      ),
      notOurs(
        'For the purpose of proxy autoconfiguration scripts, the URI to pass the function MUST be constructed from /host/, /port/, /resource name/, and the /secure/ flag',
        NO_CONNECTOR,
      ),
      notOurs(
        'If the connection could not be opened […] then the client MUST _Fail the WebSocket Connection_ and abort the connection attempt.',
        NO_CONNECTOR,
      ),
      notOurs(
        'If /secure/ is true, the client MUST perform a TLS handshake over the connection after opening the connection and before sending the handshake data',
        NO_CONNECTOR,
      ),
      notOurs(
        "If this fails (e.g., the server's certificate could not be verified), then the client MUST _Fail the WebSocket Connection_ and abort the connection.",
        NO_CONNECTOR,
      ),
      notOurs(
        'Otherwise, all further communication on this channel MUST run through the encrypted tunnel',
        NO_CONNECTOR,
      ),
      notOurs('Clients MUST use the Server Name Indication extension in the TLS handshake', NO_CONNECTOR),
      proved(
        'Once a connection to the server has been established […] the client MUST send an opening handshake to the server.',
        handshake('RequestParser reads the output of formatRequest in any segmentation'),
      ),
      proved(
        'The handshake MUST be a valid HTTP request as specified by [RFC2616].',
        handshake('1: "The handshake MUST be a valid HTTP request"'),
      ),
      proved(
        'The method of the request MUST be GET, and the HTTP version MUST be at least 1.1.',
        handshake('2: "The method of the request MUST be GET'),
      ),
      proved(
        'The "Request-URI" part of the request MUST match the /resource name/ defined in Section 3',
        handshake('3: "The "Request-URI" part of the request MUST match'),
      ),
      proved(
        'The request MUST contain a |Host| header field whose value contains /host/ plus optionally ":" followed by /port/',
        handshake('4: "The request MUST contain a |Host| header field'),
      ),
      proved(
        'The request MUST contain an |Upgrade| header field whose value MUST include the "websocket" keyword.',
        handshake('5: "The request MUST contain an |Upgrade| header field'),
      ),
      proved(
        'The request MUST contain a |Connection| header field whose value MUST include the "Upgrade" token.',
        handshake('6: "The request MUST contain a |Connection| header field'),
      ),
      proved(
        'The request MUST include a header field with the name |Sec-WebSocket-Key|.',
        handshake('7: "a nonce consisting of a randomly selected 16-byte value'),
      ),
      proved(
        'The value of this header field MUST be a nonce consisting of a randomly selected 16-byte value that has been base64-encoded',
        handshake('7: "a nonce consisting of a randomly selected 16-byte value'),
        handshake('a key is 24 characters that decode to 16 bytes'),
      ),
      proved(
        'The nonce MUST be selected randomly for each connection.',
        handshake('createKey returns a valid key, and a different one each time'),
      ),
      proved(
        'The request MUST include a header field with the name |Origin| [RFC6454] if the request is coming from a browser client.',
        handshake('8: an Origin when there is one'),
      ),
      proved(
        'The request MUST include a header field with the name |Sec-WebSocket-Version|.',
        handshake('9: "The value of this header field MUST be 13."'),
      ),
      proved(
        'The value of this header field MUST be 13.',
        handshake('9: "The value of this header field MUST be 13."'),
      ),
      proved(
        'The elements that comprise this value MUST be non-empty strings with characters in the range U+0021 to U+007E […] and MUST all be unique strings.',
        handshake('10: subprotocols "MUST be non-empty strings […] and MUST all be unique strings"'),
        handshake('throws a TypeError for %j'),
      ),
      notOurs(
        "Once the client's opening handshake has been sent, the client MUST wait for a response from the server before sending any further data.",
        NO_CONNECTOR,
      ),
      proved(
        "The client MUST validate the server's response as follows",
        handshake('"The client MUST validate the server’s response as follows"'),
      ),
      proved(
        'If the response lacks an |Upgrade| header field […] the client MUST _Fail the WebSocket Connection_.',
        handshake('2: no Upgrade, or one that is not "websocket" in any case'),
      ),
      proved(
        'If the response lacks a |Connection| header field […] the client MUST _Fail the WebSocket Connection_.',
        handshake('3: no Connection, or one without the token "Upgrade" in any case'),
      ),
      proved(
        'If the response lacks a |Sec-WebSocket-Accept| header field […] the client MUST _Fail the WebSocket Connection_.',
        handshake('4: no Sec-WebSocket-Accept, or not the answer to the key'),
      ),
      proved(
        "this header field indicates the use of an extension that was not present in the client's handshake […] the client MUST _Fail the WebSocket Connection_.",
        handshake('5: an extension "that was not present in the client’s handshake"'),
      ),
      proved(
        "this header field indicates the use of a subprotocol that was not present in the client's handshake […] the client MUST _Fail the WebSocket Connection_.",
        handshake('6: a subprotocol "that was not present in the client’s handshake"'),
      ),
      proved(
        "If the server's response does not conform to the requirements for the server's handshake as defined in this section and in Section 4.2.2, the client MUST _Fail the WebSocket Connection_.",
        handshake('rejects %j with status %j'),
      ),
    ],
  },
  {
    number: '4.2.1',
    title: "Reading the Client's Opening Handshake",
    requirements: [
      proved(
        'The server must parse at least part of this handshake in order to obtain the necessary information',
        handshake('returns the parts of a valid request'),
      ),
      proved(
        "the server MUST stop processing the client's handshake and return an HTTP response with an appropriate error code (such as 400 Bad Request)",
        handshake('1: "An HTTP/1.1 or higher GET request"'),
        handshake('2: "A |Host| header field containing the server’s authority."'),
        handshake('3: "An |Upgrade| header field containing the value "websocket"'),
        handshake('4: "A |Connection| header field that includes the token "Upgrade"'),
        handshake('5: "a base64-encoded […] value that, when decoded, is 16 bytes in length"'),
        handshake('6: "A |Sec-WebSocket-Version| header field, with a value of 13."'),
        handshake('"any violations of the ABNF grammar specified for the components of the handshake"'),
        server('is a complete response with %i, then FIN'),
        server('H22: discards all requests that follow in the same packet'),
      ),
    ],
  },
  {
    number: '4.2.2',
    title: "Sending the Server's Opening Handshake",
    requirements: [
      proved(
        "the server MUST complete the following steps to accept the connection and send the server's opening handshake",
        server('H1: is answered with 101 and the accept value of its key'),
      ),
      proved(
        "all further communication for the connection (including the server's handshake) MUST run through the encrypted tunnel",
        server('H1: is answered with 101, and sets the address and path of the socket'),
      ),
      proved(
        'If the server does not wish to accept this connection, it MUST return an appropriate HTTP error code (e.g., 403 Forbidden) and abort the WebSocket handshake',
        handshake('4, origin: "it MUST return an appropriate HTTP error code'),
        server('is a complete response with %i, then FIN'),
      ),
      proved(
        'the server MUST abort the WebSocket handshake described in this section and instead send an appropriate HTTP error code (such as 426 Upgrade Required) and a |Sec-WebSocket-Version| header field',
        handshake('4, version: "an appropriate HTTP error code (such as 426 Upgrade Required)'),
        server('H8: names the supported version'),
      ),
      proved(
        'If the requested service is not available, the server MUST send an appropriate HTTP error code (such as 404 Not Found) and abort the WebSocket handshake.',
        server('a path without a route'),
      ),
      proved(
        "The value chosen MUST be derived from the client's handshake, specifically by selecting one of the values from the |Sec-WebSocket-Protocol| field",
        handshake('4, subprotocol: "The value chosen MUST be derived from the client’s handshake"'),
        server('H10: causes a 500 and no 101 if its subprotocol is invalid or was not offered'),
      ),
      proved(
        'if the server does not wish to agree to one of the suggested subprotocols, it MUST NOT send back a |Sec-WebSocket-Protocol| header field in its response',
        handshake('4, subprotocol: "it MUST NOT send back a |Sec-WebSocket-Protocol| header field"'),
      ),
      proved(
        "If the server supports multiple extensions, then the value MUST be derived from the client's handshake, specifically by selecting one or more of the values from the |Sec-WebSocket-Extensions| field.",
        handshake('throws a TypeError for an extension that was not offered or is not valid'),
      ),
      proved(
        'Extensions not listed by the client MUST NOT be listed.',
        handshake('4, extensions: "Extensions not listed by the client MUST NOT be listed."'),
      ),
      proved(
        'If the server chooses to accept the incoming connection, it MUST reply with a valid HTTP response',
        handshake('5: "it MUST reply with a valid HTTP response"'),
      ),
    ],
  },
  {
    number: '4.3',
    title: 'Collected ABNF for New Header Fields Used in Handshake',
    requirements: [
      proved(
        "When using the quoted-string syntax variant, the value after quoted-string unescaping MUST conform to the 'token' ABNF.",
        handshake('"the value after quoted-string unescaping MUST conform to the "token" ABNF"'),
      ),
    ],
  },
  {
    number: '4.4',
    title: 'Supporting Multiple Versions of WebSocket Protocol',
    requirements: [
      proved(
        "If the server doesn't support the requested version, it MUST respond with a |Sec-WebSocket-Version| header field […] containing all versions it is willing to use.",
        handshake('"it MUST respond with a |Sec-WebSocket-Version| header field"'),
      ),
    ],
  },
  {
    number: '5.1',
    title: 'Overview',
    requirements: [
      proved(
        'a client MUST mask all frames that it sends to the server',
        protocol('"the frame(s) MUST be masked" if and only if they are sent by the client'),
        connection('a client masks its frames and rejects masked ones'),
      ),
      proved(
        'The server MUST close the connection upon receiving a frame that is not masked.',
        frame('F3: a client does not mask opcode'),
        protocol('"The server MUST close the connection upon receiving a frame that is not masked"'),
        server('F3: closes with 1002 on an unmasked frame, after the messages before it'),
      ),
      proved(
        'A server MUST NOT mask any frames that it sends to the client.',
        protocol('"the frame(s) MUST be masked" if and only if they are sent by the client'),
      ),
      proved(
        'A client MUST close a connection if it detects a masked frame.',
        frame('F16: a server masks opcode'),
        protocol('the client upon one that is: opcode'),
      ),
    ],
  },
  {
    number: '5.2',
    title: 'Base Framing Protocol',
    requirements: [
      proved(
        'MUST be 0 unless an extension is negotiated that defines meanings for non-zero values.',
        protocol('"MUST be 0 unless an extension is negotiated": of every kind of frame'),
      ),
      proved(
        'If a nonzero value is received and none of the negotiated extensions defines the meaning of such a nonzero value, the receiving endpoint MUST _Fail the WebSocket Connection_.',
        frame('all three reserved bits'),
        protocol('F1, F2: "If a nonzero value is received'),
      ),
      proved(
        'If an unknown opcode is received, the receiving endpoint MUST _Fail the WebSocket Connection_.',
        frame('F4: opcode'),
        protocol('F4: "If an unknown opcode is received"'),
      ),
      proved(
        'the following 8 bytes interpreted as a 64-bit unsigned integer (the most significant bit MUST be 0) are the payload length',
        frame('F8: a length of'),
        protocol('F8: "the most significant bit MUST be 0"'),
      ),
      proved(
        'in all cases, the minimal number of bytes MUST be used to encode the length',
        frame('bytes written as'),
        protocol('F7: "in all cases, the minimal number of bytes MUST be used to encode the length"'),
        protocol('"in all cases, the minimal number of bytes MUST be used to encode the length" (§5.2)'),
      ),
      notOurs(
        'Any extension MUST specify the length of the "Extension data", or how that length may be calculated, and how the extension use MUST be negotiated during the opening handshake.',
        NO_EXTENSION_AUTHOR,
      ),
      proved(
        '1 bit in length, MUST be 0 unless negotiated otherwise',
        frame('RSV2 beside it'),
        protocol('"MUST be 0 unless an extension is negotiated": of every kind of frame'),
      ),
    ],
  },
  {
    number: '5.3',
    title: 'Client-to-Server Masking',
    requirements: [
      proved(
        'A masked frame MUST have the field frame-masked set to 1, as defined in Section 5.2.',
        frame('decoding is the reverse of encoding, for both roles'),
        frame('every frame has a key of its own, and its payload begins at the first byte of it'),
      ),
      proved(
        'When preparing a masked frame, the client MUST pick a fresh masking key from the set of allowed 32-bit values.',
        protocol('"The masking key … is chosen at random by the client", for each frame'),
      ),
      proved(
        'the masking key MUST be derived from a strong source of entropy',
        protocol('"the masking key MUST be derived from a strong source of entropy"'),
      ),
      proved(
        'the masking key for a given frame MUST NOT make it simple for a server/proxy to predict the masking key for a subsequent frame',
        protocol('"the masking key MUST be derived from a strong source of entropy"'),
        protocol('masking keys are unsigned 32-bit numbers that differ'),
      ),
    ],
  },
  {
    number: '5.4',
    title: 'Fragmentation',
    requirements: [
      proved(
        'in absence of extensions, senders and receivers must not depend on the presence of specific frame boundaries',
        protocol('"senders and receivers must not depend on the presence of specific frame boundaries"'),
      ),
      proved(
        'Control frames themselves MUST NOT be fragmented.',
        frame(' without FIN'),
        protocol('F5: "All control frames … MUST NOT be fragmented"'),
      ),
      proved(
        'Message fragments MUST be delivered to the recipient in the order sent by the sender.',
        protocol('"Message fragments MUST be delivered to the recipient in the order sent by the sender"'),
      ),
      proved(
        'The fragments of one message MUST NOT be interleaved between the fragments of another message unless an extension has been negotiated that can interpret the interleaving.',
        protocol('G2: "The fragments of one message MUST NOT be interleaved'),
        protocol('G2: a message of the other type inside a fragmented one is a fault'),
        protocol('MUST NOT be interleaved between the fragments of another message": ours'),
      ),
      proved(
        'An endpoint MUST be capable of handling control frames in the middle of a fragmented message.',
        frame('G3: control frames in the middle of a fragmented message, in their order'),
        protocol('G3: "An endpoint MUST be capable of handling control frames'),
        protocol('in the middle of a fragmented message": also of our messages'),
      ),
      proved(
        'Clients and servers MUST support receiving both fragmented and unfragmented messages.',
        protocol('"Clients and servers MUST support receiving both fragmented and unfragmented messages"'),
      ),
      notOurs(
        'As control frames cannot be fragmented, an intermediary MUST NOT attempt to change the fragmentation of a control frame.',
        NO_INTERMEDIARY,
      ),
      notOurs(
        'An intermediary MUST NOT change the fragmentation of a message if any reserved bit values are used and the meaning of these values is not known to the intermediary.',
        NO_INTERMEDIARY,
      ),
      notOurs(
        'An intermediary MUST NOT change the fragmentation of any message in the context of a connection where extensions have been negotiated',
        NO_INTERMEDIARY,
      ),
      notOurs(
        "an intermediary that didn't see the WebSocket handshake […] MUST NOT change the fragmentation of any message of such connection",
        NO_INTERMEDIARY,
      ),
      proved(
        'the type for all fragments in a message MUST be either text, binary, or one of the reserved opcodes',
        protocol('"all fragments of a message are of the same type, as set by the first fragment'),
      ),
    ],
  },
  {
    number: '5.5',
    title: 'Control Frames',
    requirements: [
      proved(
        'All control frames MUST have a payload length of 125 bytes or less and MUST NOT be fragmented.',
        frame('of 2 bytes in a 16-bit length'),
        protocol('F6: "All control frames MUST have a payload length of 125 bytes or less"'),
        protocol('125 bytes or less and MUST NOT be fragmented": ours'),
      ),
    ],
  },
  {
    number: '5.5.1',
    title: 'Close',
    requirements: [
      proved(
        'If there is a body, the first two bytes of the body MUST be a 2-byte unsigned integer (in network byte order) representing a status code',
        frame('a code alone'),
        protocol('C2: "the first two bytes of the body MUST be a 2-byte unsigned integer"'),
      ),
      notOurs(
        'As the data is not guaranteed to be human readable, clients MUST NOT show it to end users.',
        'we have no end users; the reason is handed to the program',
      ),
      proved(
        'Close frames sent from client to server must be masked as per Section 5.3.',
        protocol('"the frame(s) MUST be masked" if and only if they are sent by the client'),
      ),
      proved(
        'The application MUST NOT send any more data frames after sending a Close frame.',
        protocol('C6: "The application MUST NOT send any more data frames after sending a Close frame"'),
      ),
      proved(
        'If an endpoint receives a Close frame and did not previously send a Close frame, the endpoint MUST send a Close frame in response.',
        protocol('C1: "the endpoint MUST send a Close frame in response"'),
        protocol('C7: two Close frames that cross'),
        server('C4: is answered with its code %i, then FIN'),
      ),
      proved(
        'After both sending and receiving a Close message, an endpoint considers the WebSocket connection closed and MUST close the underlying TCP connection.',
        protocol('an endpoint … MUST close the underlying TCP connection"'),
      ),
      proved(
        'The server MUST close the underlying TCP connection immediately',
        protocol('an endpoint … MUST close the underlying TCP connection"'),
        server('C10: is followed by FIN, and by termination at closeTimeout'),
      ),
    ],
  },
  {
    number: '5.5.2',
    title: 'Ping',
    requirements: [
      proved(
        'Upon receipt of a Ping frame, an endpoint MUST send a Pong frame in response, unless it already received a Close frame.',
        protocol('F13: "Upon receipt of a Ping frame, an endpoint MUST send a Pong frame in response"'),
        protocol('"… unless it already received a Close frame"'),
      ),
    ],
  },
  {
    number: '5.5.3',
    title: 'Pong',
    requirements: [
      proved(
        'A Pong frame sent in response to a Ping frame must have identical "Application data" as found in the message body of the Ping frame being replied to.',
        protocol('as found in the message body of the Ping frame": any bytes'),
      ),
    ],
  },
  {
    number: '5.6',
    title: 'Data Frames',
    requirements: [
      proved(
        'a particular text frame might include a partial UTF-8 sequence; however, the whole message MUST contain valid UTF-8',
        protocol('however, the whole message MUST contain valid UTF-8"'),
        protocol('U6: a lone surrogate is sent as U+FFFD, never as invalid UTF-8'),
      ),
    ],
  },
  {
    number: '5.8',
    title: 'Extensibility',
    requirements: [
      proved(
        'The endpoints of a connection MUST negotiate the use of any extensions during the opening handshake.',
        handshake('H11 omit an unknown extension'),
        protocol('"The endpoints of a connection MUST negotiate the use of any extensions"'),
      ),
    ],
  },
  {
    number: '6.1',
    title: 'Sending Data',
    requirements: [
      proved(
        'To _Send a WebSocket Message_ comprising of /data/ over a WebSocket connection, an endpoint MUST perform the following steps.',
        protocol('exchanges messages with its peer, and both close cleanly'),
      ),
      proved(
        'The endpoint MUST ensure the WebSocket connection is in the OPEN state',
        protocol('"The endpoint MUST ensure the WebSocket connection is in the OPEN state"'),
      ),
      proved(
        'If at any point the state of the WebSocket connection changes, the endpoint MUST abort the following steps.',
        protocol('"If at any point the state of the WebSocket connection changes'),
      ),
      proved(
        'An endpoint MUST encapsulate the /data/ in a WebSocket frame as defined in Section 5.2.',
        protocol('"The opcode … of the first frame … MUST be set"'),
        protocol('deliver all messages in order and close cleanly'),
      ),
      proved(
        'The opcode (frame-opcode) of the first frame containing the data MUST be set to the appropriate value',
        protocol('"The opcode … of the first frame … MUST be set"'),
      ),
      proved(
        'The FIN bit (frame-fin) of the last frame containing the data MUST be set to 1',
        protocol('"The FIN bit … of the last frame … MUST be set to 1"'),
      ),
      proved(
        'If the data is being sent by the client, the frame(s) MUST be masked as defined in Section 5.3.',
        protocol('"the frame(s) MUST be masked" if and only if they are sent by the client'),
      ),
      proved(
        'The frame(s) that have been formed MUST be transmitted over the underlying network connection.',
        protocol('"The frame(s) that have been formed MUST be transmitted"'),
      ),
    ],
  },
  {
    number: '6.2',
    title: 'Receiving Data',
    requirements: [
      proved(
        'Incoming data MUST be parsed as WebSocket frames as defined in Section 5.2.',
        frame('give the result of a naive decoder'),
        frame('a single-frame masked text message'),
      ),
      proved(
        'If a control frame (Section 5.5) is received, the frame MUST be handled as defined by Section 5.5.',
        protocol('"the frame MUST be handled as defined by Section 5.5"'),
      ),
      proved(
        'Upon receiving a data frame (Section 5.6), the endpoint MUST note the /type/ of the data',
        protocol('"an endpoint MUST note the /type/ of the data"'),
      ),
      proved(
        'Subsequent data frames MUST be interpreted as belonging to a new WebSocket message.',
        protocol('"Subsequent data frames MUST be interpreted as belonging to a new WebSocket message"'),
      ),
      proved(
        'A server MUST remove masking for data frames received from a client as described in Section 5.3.',
        frame('every frame has a key of its own, and its payload begins at the first byte of it'),
        frame('at all lengths up to 80, all alignments and offsets'),
      ),
    ],
  },
  {
    number: '7.1.2',
    title: 'Start the WebSocket Closing Handshake',
    requirements: [
      proved(
        'an endpoint MUST send a Close control frame, as described in Section 5.5.1, whose status code is set to /code/ and whose close reason is set to /reason/',
        protocol('§7.1.2: "an endpoint MUST send a Close control frame'),
      ),
    ],
  },
  {
    number: '7.1.7',
    title: 'Fail the WebSocket Connection',
    requirements: [
      proved(
        'To do so, the client MUST _Close the WebSocket Connection_',
        protocol('§7.1.7: "the client MUST _Close the WebSocket Connection_"'),
      ),
      proved(
        'Similarly, to do so, the server MUST _Close the WebSocket Connection_, and SHOULD log the problem.',
        protocol('§7.1.7: "the client MUST _Close the WebSocket Connection_"'),
        server('F15: closes with 1009 while the peer is still sending a message that is too large'),
      ),
      proved(
        'An endpoint MUST NOT continue to attempt to process data (including a responding Close frame) from the remote endpoint after being instructed to _Fail the WebSocket Connection_.',
        protocol(
          '"An endpoint MUST NOT continue to attempt to process data (including a responding Close frame)"',
        ),
        protocol('and does not deliver a message begun before'),
        protocol(
          '§7.1.7: "MUST NOT continue to attempt to process data": not even bytes queued when it failed',
        ),
      ),
    ],
  },
  {
    number: '7.2.1',
    title: 'Client-Initiated Closure',
    requirements: [
      proved(
        'To do so, the client MUST _Fail the WebSocket Connection_ as defined in Section 7.1.7.',
        handshake('rejects %j with status %j'),
      ),
      proved(
        'If at any point the underlying transport layer connection is unexpectedly lost, the client MUST _Fail the WebSocket Connection_.',
        protocol('§7.2.1: "If at any point the underlying transport layer connection is unexpectedly lost"'),
      ),
    ],
  },
  {
    number: '7.2.2',
    title: 'Server-Initiated Closure',
    requirements: [
      proved(
        'To do so, the server MUST simply _Close the WebSocket Connection_ (Section 7.1.1).',
        server('is a complete response with %i, then FIN'),
      ),
    ],
  },
  {
    number: '7.4.1',
    title: 'Defined Status Codes',
    requirements: [1005, 1006, 1015].map(code =>
      proved(
        `${code} is a reserved value and MUST NOT be set as a status code in a Close control frame by an endpoint.`,
        frame('C3: …'),
        protocol('"MUST NOT be set as a status code in a Close control frame by an endpoint"'),
        protocol('C3: a Close with … is a fault'),
      ),
    ),
  },
  {
    number: '8.1',
    title: 'Handling Errors in UTF-8-Encoded Data',
    requirements: [
      proved(
        'When an endpoint is to interpret a byte stream as UTF-8 but finds that the byte stream is not, in fact, a valid UTF-8 stream, that endpoint MUST _Fail the WebSocket Connection_.',
        frame('U4: a reason of …'),
        protocol('in one frame'),
        protocol('U3: a wrong byte in an incomplete frame'),
        protocol('U4: a Close whose reason is'),
      ),
    ],
  },
]
