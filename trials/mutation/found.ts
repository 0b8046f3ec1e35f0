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
    test: 'a name without a value is no field, and no name is special',
  },
  {
    file: 'handshake/head.ts',
    what: 'a request line with an empty target (two spaces) could pass.',
    test: 'the request line "GET  HTTP/1.1" is malformed',
  },
  {
    file: 'handshake/head.ts',
    what: 'a request line without a target could be told to have a malformed version.',
    test: 'it is the request line that is malformed',
  },
  {
    file: 'handshake/head.ts',
    what: 'something could stand before the version of a request, or the status of a response.',
    test: 'HTTP/1.1 1101 x',
  },
  {
    file: 'handshake/head.ts',
    what: 'the limits of a parser of responses could be ignored.',
    test: 'a response has the limits of its parser, and none of its own for the first line',
  },
  {
    file: 'handshake/validate-request.ts',
    what: 'a head of exactly its limit could be refused.',
    test: 'a head may be exactly as large as its limit',
  },
  { file: 'handshake/validate-request.ts', what: 'HTTP 11.1 could pass.', test: 'HTTP "11.1" is not' },
  { file: 'handshake/limits.ts', what: 'a limit of 1 could be refused.', test: 'the least of each is 1' },
  {
    file: 'handshake/lines.ts',
    what: 'a CR, a character and a LF could end a line.',
    test: '"a\\rb\\n\\r\\n"',
  },
  {
    file: 'handshake/lines.ts',
    what: 'a line that comes in one piece, longer than a call can have arguments, could throw.',
    test: 'a line may have more characters than a call has room for arguments',
  },
  {
    file: 'handshake/origin.ts',
    what: 'an empty policy could pass, and other wrong ones be told nothing of what is accepted.',
    test: 'checkOriginPolicy names what it accepts',
  },
  {
    file: 'handshake/rejection.ts',
    what: 'a refusal with 200 could throw.',
    test: 'a refusal is plain data',
  },
  {
    file: 'handshake/request.ts',
    what: 'subprotocols that are no list could throw without saying so.',
    test: 'subprotocols that are no list are named',
  },
  {
    file: 'handshake/target.ts',
    what: 'an absolute target could begin with something before `http://`.',
    test: '"ftp://http://h/" is refused',
  },
  {
    file: 'handshake/tokens.ts',
    what: 'U+00FF could be kept out of a quoted text.',
    test: 'a quoted-string is unescaped, and its end is known',
  },
  {
    file: 'handshake/tokens.ts',
    what: 'a text without any ASCII could change in lower case.',
    test: 'lowerCase changes ASCII letters only',
  },
  {
    file: 'protocol/receiving/chunk-queue.ts',
    what: 'the queue could keep a place for each chunk that it ever had.',
    test: 'takes no more memory for all that it has given',
  },
  {
    file: 'protocol/lifecycle.ts',
    what: 'a report could have a cause that is undefined.',
    test: 'carries the error behind it, and no cause where there is none',
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
    test: 'makes progress with every piece, or runs out of time',
  },
  {
    file: 'protocol/receiving/transformer.ts',
    what: 'what an extension makes of a piece could count as progress though it is nothing.',
    test: 'that makes nothing of a piece makes no progress',
  },
  {
    file: 'protocol/receiving/input-queue.ts',
    what: 'what is received inside of a message that an extension finished later could be read too early.',
    test: 'inside its message, receive comes after all that came before',
  },
  {
    file: 'protocol/receiving/input-queue.ts',
    what: 'it was asked whether something waits where nothing can wait that has not been asked for before.',
  },
  {
    file: 'protocol/receiving/message-body.ts',
    what: 'a message that was aborted could keep its memory for as long as somebody holds it.',
    test: 'that is aborted lets go of its memory, whoever still holds it',
  },
  {
    file: 'protocol/receiving/message-body.ts',
    what: 'an empty piece of a streamed message was looked for twice.',
  },
  {
    file: 'protocol/protocol.ts',
    what: 'a deadline could be put off far too long by a hold.',
    test: 'goes on where it stood when we no longer hold',
  },
]
