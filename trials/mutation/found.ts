// What the runs have found: tests that were missing, a fault, and code that made no difference.

import type { Found } from './document.ts'

/** In the order of the packages. */
export const found: readonly Found[] = [
  {
    file: 'handshake/authority.ts',
    what: 'the least length of an address in brackets could be one less, and should have been: `[::]` was refused.',
    test: '[::]:3000',
  },
  { file: 'handshake/authority.ts', what: 'the largest port could be 65,534.', test: 'a:65535' },
  {
    file: 'handshake/fields.ts',
    what: 'a name without a value, at the end of the list, could be read as a field of a list.',
    test: 'ignores a name without a value, and treats no name specially',
  },
  {
    file: 'handshake/head.ts',
    what: 'a request line with an empty target (two spaces) could pass.',
    test: 'rejects the request line "GET  HTTP/1.1"',
  },
  {
    file: 'handshake/head.ts',
    what: 'a request line without a target could be told to have a malformed version.',
    test: 'reports the request line, not the version',
  },
  {
    file: 'handshake/head.ts',
    what: 'something could stand before the version of a request, or the status of a response.',
    test: 'HTTP/1.1 1101 x',
  },
  {
    file: 'handshake/head.ts',
    what: 'the limits of a parser of responses could be ignored.',
    test: 'applies the limits to a response, without one for its first line',
  },
  {
    file: 'handshake/validate-request.ts',
    what: 'a head of exactly its limit could be refused.',
    test: 'accepts a head exactly as large as its limit',
  },
  { file: 'handshake/validate-request.ts', what: 'HTTP 11.1 could pass.', test: 'rejects HTTP "11.1"' },
  { file: 'handshake/limits.ts', what: 'a limit of 1 could be refused.', test: 'accepts 1 for each limit' },
  {
    file: 'handshake/lines.ts',
    what: 'a CR, a character and a LF could end a line.',
    test: '"a\\rb\\n\\r\\n"',
  },
  {
    file: 'handshake/lines.ts',
    what: 'a line that comes in one piece, longer than a call can have arguments, could throw.',
    test: 'reads a line longer than the arguments of a call',
  },
  {
    file: 'handshake/origin.ts',
    what: 'an empty policy could pass, and other wrong ones be told nothing of what is accepted.',
    test: 'checkOriginPolicy throws for an invalid policy',
  },
  {
    file: 'handshake/rejection.ts',
    what: 'a refusal with 200 could throw.',
    test: 'reject returns the response as plain data',
  },
  {
    file: 'handshake/request.ts',
    what: 'subprotocols that are no list could throw without saying so.',
    test: 'throws for the invalid subprotocols',
  },
  {
    file: 'handshake/target.ts',
    what: 'an absolute target could begin with something before `http://`.',
    test: 'rejects "ftp://http://h/"',
  },
  {
    file: 'handshake/tokens.ts',
    what: 'U+00FF could be kept out of a quoted text.',
    test: 'unescapes a quoted-string and returns its end',
  },
  {
    file: 'handshake/tokens.ts',
    what: 'a text without any ASCII could change in lower case.',
    test: 'lowerCase changes ASCII letters only',
  },
  {
    file: 'protocol/receiving/chunk-queue.ts',
    what: 'the queue could keep a place for each chunk that it ever had.',
    test: 'does not keep memory for chunks that were taken',
  },
  {
    file: 'protocol/lifecycle.ts',
    what: 'a report could have a cause that is undefined.',
    test: 'has the error as its cause, and no cause without one',
  },
  {
    file: 'protocol/host.ts',
    what: 'U+0080 and U+0800 could be measured one byte short.',
    test: 'is measured and written as well-formed UTF-8',
  },
  {
    file: 'protocol/host.ts',
    what: 'a lone low surrogate behind another character could be measured as a pair, two bytes short.',
    test: 'is measured and written as well-formed UTF-8',
  },
  {
    file: 'protocol/receiving/message-body.ts',
    what: 'pieces of a streamed message could count as no progress.',
    test: 'makes progress with each piece, or times out',
  },
  {
    file: 'protocol/receiving/transformer.ts',
    what: 'what an extension makes of a piece could count as progress though it is nothing.',
    test: 'makes no progress with a piece without output',
  },
  {
    file: 'protocol/receiving/input-queue.ts',
    what: 'what is received inside of a message that an extension finished later could be read too early.',
    test: 'queues bytes received inside a message event behind earlier input',
  },
  {
    file: 'protocol/receiving/input-queue.ts',
    what: 'it was asked whether something waits where nothing can wait that has not been asked for before.',
  },
  {
    file: 'protocol/receiving/message-body.ts',
    what: 'a message that was aborted could keep its memory for as long as somebody holds it.',
    test: 'frees its memory when it is aborted',
  },
  {
    file: 'protocol/receiving/message-body.ts',
    what: 'an empty piece of a streamed message was looked for twice.',
  },
  {
    file: 'protocol/protocol.ts',
    what: 'a deadline could be put off far too long by a pause.',
    test: 'continues where it stood after a pause',
  },
]
