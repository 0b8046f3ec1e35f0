// Changes that no test notices, read one by one: each with the reason why it makes no difference, or none that matters.

import type { Explained } from './summary.ts'

const UNMASKED =
  'A frame that is not masked has a key of 0, and masking with that changes nothing; this spares the work.'
const AT_THE_END = 'All bytes have been taken: whether a decoder stops at their end makes no difference.'
const FASTEST = 'All three loops do the same; this chooses the fastest.'
const SPARE =
  'A header is made whenever there is none to spare; this keeps one, so that not every chunk makes another.'

const FAST_PATH =
  'A shorter way to the same result, for what comes most often; without it the longer one is taken.'
const BEHIND_THE_END =
  'Behind the end of a text there is NaN, which is no character of any kind; this keeps reads inside of the text, which is faster.'
const PLAIN_BYTES =
  'Which bytes take the short way; the others are judged one by one, to the same result, and a plain one that is judged has broken a limit or follows a CR, which is told first.'
const IGNORED_WRITE = 'An array of numbers takes no notice of what is written behind its end.'
const HOW_OFTEN = 'How often the list is made shorter; that it is made so is what a test notices.'
const NO_BYTES = 'What is done with no bytes changes nothing; this spares the calls.'

/** By file and line, so that an entry holds until that line changes. */
export const explained: readonly Explained[] = [
  {
    file: 'handshake/fields.ts',
    line: 'return given.length === name.length && lowerCase(given) === name',
    changes: ['given.length === name.length → true'],
    why: 'Texts of different lengths differ in lower case, too; this spares making it.',
  },
  {
    file: 'handshake/head.ts',
    line: "if (protocol === 'HTTP/1.1') return '1.1'",
    changes: ["protocol === 'HTTP/1.1' → false"],
    why: FAST_PATH,
  },
  {
    file: 'handshake/lines.ts',
    line: 'if (byte >= SPACE && byte !== DELETE && !afterCr && i < room) continue',
    changes: [
      'byte >= SPACE && byte !== DELETE && !afterCr && i < room → false',
      'byte >= SPACE → byte > SPACE',
    ],
    why: PLAIN_BYTES,
  },
  {
    file: 'handshake/lines.ts',
    line: 'get #room(): number {',
    changes: ['{ const { maxHeadSize, maxStartLine } = this.#limits return (this.#lines.leng… → {}'],
    why: PLAIN_BYTES,
  },
  {
    file: 'handshake/lines.ts',
    line: 'return (this.#lines.length === 0 ? Math.min(maxHeadSize, maxStartLine) : maxHeadSize) - this.#size',
    changes: ['this.#lines.length === 0 → true'],
    why: PLAIN_BYTES,
  },
  {
    file: 'handshake/lines.ts',
    line: 'return (byte < SPACE && byte !== TAB && byte !== LF && byte !== CR) || byte === DELETE',
    changes: ['byte < SPACE → true', 'byte < SPACE → byte <= SPACE'],
    why: PLAIN_BYTES,
  },
  {
    file: 'handshake/lines.ts',
    line: "if (this.#partial === '') return decodeLatin1(bytes, start, end - 1)",
    changes: ["this.#partial === '' → false"],
    why: FAST_PATH,
  },
  {
    file: 'handshake/lines.ts',
    line: 'if (end - start > LONGEST_CALL) {',
    changes: ['end - start > LONGEST_CALL → end - start >= LONGEST_CALL'],
    why: 'A call has room for far more; where it is halved makes no difference.',
  },
  {
    file: 'handshake/lines.ts',
    line: 'const codes = new Array<number>(end - start)',
    changes: ['new Array<number>(end - start) → new Array()'],
    why: 'An array grows as it is filled; this spares the growing.',
  },
  {
    file: 'handshake/sha1.ts',
    line: 'for (let i = 0; i < text.length; i++) padded[i] = text.charCodeAt(i)',
    changes: ['i < text.length → i <= text.length'],
    why: 'The byte behind the text is written anew by the next line.',
  },
  {
    file: 'handshake/sha1.ts',
    line: 'for (let t = 16; t < 80; t++) {',
    changes: ['t < 80 → t <= 80'],
    why: IGNORED_WRITE,
  },
  {
    file: 'handshake/tokens.ts',
    line: 'while (end < text.length && TCHAR[text.charCodeAt(end)] === 1) end++',
    changes: ['end < text.length → true', 'end < text.length → end <= text.length'],
    why: BEHIND_THE_END,
  },
  {
    file: 'handshake/tokens.ts',
    line: 'while (end < text.length && isWhitespace(text.charCodeAt(end))) end++',
    changes: ['end < text.length → true', 'end < text.length → end <= text.length'],
    why: BEHIND_THE_END,
  },
  {
    file: 'handshake/tokens.ts',
    line: 'for (let at = start + 1; at < text.length; at++) {',
    changes: ['at < text.length → at <= text.length'],
    why: BEHIND_THE_END,
  },
  {
    file: 'handshake/tokens.ts',
    line: 'while (end > start && isWhitespace(text.charCodeAt(end - 1))) end--',
    changes: ['end > start → true', 'end > start → end >= start'],
    why: 'Only a text of nothing but white space gets there, and is empty either way; this spares going back over it.',
  },
  {
    file: 'handshake/tokens.ts',
    line: 'return list === element || splitList(list).includes(element)',
    changes: ['list === element → false'],
    why: FAST_PATH,
  },
  {
    file: 'handshake/tokens.ts',
    line: 'return /[^ -~]/.test(text) ? text.replace(/[A-Z]+/g, letters => letters.toLowerCase()) : text.toLowerCase()',
    changes: ['/[A-Z]+/g → /[A-Z]/g'],
    why: 'Letter by letter it is the same; this spares calls.',
  },
  {
    file: 'frame/close-payload.ts',
    line: "return { code, reason: end - start === 2 ? '' : decodeReason(bytes.subarray(start + 2, end)) }",
    changes: ['end - start === 2 → false', 'end - start → end + start'],
    why: 'The reason of no bytes is an empty text either way; this spares a call.',
  },
  {
    file: 'frame/frame.ts',
    line: 'if (header.masked) mask(bytes, size, bytes.length, header.maskingKey)',
    changes: ['header.masked → true'],
    why: UNMASKED,
  },
  {
    file: 'frame/validate-header.ts',
    line: 'if (header.lengthSize !== 0) validateLength(header)',
    changes: ['header.lengthSize !== 0 → true'],
    why: 'A length in the first byte passes the other checks, too; this spares them.',
  },
  {
    file: 'frame/decoder.ts',
    line: 'if (header === spareHeader) spareHeader = undefined',
    changes: ['header === spareHeader → true'],
    why: SPARE,
  },
  {
    file: 'frame/decoder.ts',
    line: 'const between = this.#offset < 0',
    changes: ['this.#offset < 0 → false'],
    why: SPARE,
  },
  {
    file: 'frame/decoder.ts',
    line: 'if (between) spareHeader = header',
    changes: ['between → false'],
    why: SPARE,
  },
  {
    file: 'frame/decoder.ts',
    line: 'if (start === end) return end',
    changes: ['start === end → false'],
    why: 'A header of which nothing came would be carried as no bytes; this spares the memory.',
  },
  {
    file: 'frame/decoder.ts',
    line: 'if (start === end && !last) return false',
    changes: ['false → true'],
    why: AT_THE_END,
  },
  { file: 'frame/decoder.ts', line: 'if (!last) return false', changes: ['false → true'], why: AT_THE_END },
  {
    file: 'frame/decoder.ts',
    line: 'if (header.masked) mask(bytes, start, end, header.maskingKey, offset)',
    changes: ['header.masked → true'],
    why: UNMASKED,
  },
  {
    file: 'frame/decoder.ts',
    line: 'if (header.masked) mask(payload, 0, payload.length, header.maskingKey)',
    changes: ['header.masked → true'],
    why: UNMASKED,
  },
  {
    file: 'frame/header.ts',
    line: 'if (end - start < 2) return 0',
    changes: ['end - start < 2 → false', 'end - start → end + start'],
    why: 'What is missing is noticed below, where the size is known; this keeps reads inside of the bytes, which is faster.',
  },
  {
    file: 'frame/mask.ts',
    line: 'if (length < WORDS_FROM) maskBytes(bytes, start, end, key)',
    changes: ['length < WORDS_FROM → true', 'length < WORDS_FROM → length <= WORDS_FROM'],
    why: FASTEST,
  },
  {
    file: 'frame/mask.ts',
    line: 'else if (length < LONG_WORDS_FROM) maskWords(bytes, start, end, key)',
    changes: [
      'length < LONG_WORDS_FROM → true',
      'length < LONG_WORDS_FROM → false',
      'length < LONG_WORDS_FROM → length <= LONG_WORDS_FROM',
      'length < LONG_WORDS_FROM → length >= LONG_WORDS_FROM',
    ],
    why: FASTEST,
  },
  {
    file: 'frame/mask.ts',
    line: 'for (let i = 0; i < count; i++) words[i]! ^= word',
    changes: ['i < count → i <= count'],
    why: IGNORED_WRITE,
  },
  {
    file: 'frame/mask.ts',
    line: 'return bits === 0 ? maskingKey : (maskingKey << bits) | (maskingKey >>> (32 - bits))',
    changes: ['bits === 0 → false'],
    why: 'Shifts by 0 and by 32, which JavaScript takes for 0, give the key itself; this spares them.',
  },
  {
    file: 'protocol/host.ts',
    line: '} catch {',
    changes: ['{ return undefined } → {}'],
    why: 'A function that returns nothing gives undefined.',
  },
  {
    file: 'protocol/receiving/input-queue.ts',
    line: 'if (at < bytes.length) this.#putBack(copy(bytes, at, bytes.length))',
    changes: ['at < bytes.length → true', 'at < bytes.length → at <= bytes.length'],
    why: NO_BYTES,
  },
  {
    file: 'protocol/receiving/assembler.ts',
    line: 'if (isWhole && header.fin && header.rsv === 0 && stream === undefined) {',
    changes: [
      'isWhole && header.fin && header.rsv === 0 && stream === undefined → false',
      '{ checkMessageSize(this.#context.limits, header.payloadLength) return } → {}',
    ],
    why: FAST_PATH,
  },
  {
    file: 'protocol/receiving/assembler.ts',
    line: 'stream?.abort()',
    changes: ['stream?.abort → stream.abort'],
    why: 'The connection has been reported closed: nobody is told of an error any more.',
  },
  {
    file: 'protocol/receiving/message-body.ts',
    line: 'buffer.set(start === 0 && end === bytes.length ? bytes : bytes.subarray(start, end), this.#length)',
    changes: ['start === 0 && end === bytes.length → false'],
    why: FAST_PATH,
  },
  {
    file: 'protocol/bytes.ts',
    line: 'return new Uint8Array(start === 0 && end === bytes.length ? bytes : bytes.subarray(start, end))',
    changes: ['start === 0 && end === bytes.length → false'],
    why: FAST_PATH,
  },
  {
    file: 'protocol/receiving/message-body.ts',
    line: "this.#decoder = type === 'text' ? new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }) : undefined",
    changes: ['true → false'],
    why: 'The validator has judged all bytes before they are decoded.',
  },
  {
    file: 'protocol/sending/output-buffer.ts',
    line: 'if (length === 0) return',
    changes: ['length === 0 → false'],
    why: NO_BYTES,
  },
  {
    file: 'protocol/sending/output-buffer.ts',
    line: 'if (text.length <= UNMEASURED_UP_TO) {',
    changes: [
      'text.length <= UNMEASURED_UP_TO → true',
      'text.length <= UNMEASURED_UP_TO → false',
      'text.length <= UNMEASURED_UP_TO → text.length < UNMEASURED_UP_TO',
      'text.length <= UNMEASURED_UP_TO → text.length > UNMEASURED_UP_TO',
      '{ this.#addUnmeasured(opcode, text, fin, rsv) return } → {}',
    ],
    why: 'Both ways write the same frame; this chooses the faster.',
  },
  {
    file: 'protocol/sending/output-buffer.ts',
    line: 'if (start !== expected) buffer.copyWithin(start, expected, expected + length)',
    changes: ['start !== expected → true'],
    why: 'Bytes that are moved to where they stand stay as they are; this spares the work.',
  },
  {
    file: 'protocol/sending/output-buffer.ts',
    line: 'if (this.#masked) mask(buffer, start, this.#used, header.maskingKey)',
    changes: ['this.#masked → true'],
    why: UNMASKED,
  },
  {
    file: 'protocol/sending/sender.ts',
    line: 'if (this.#context.extension === undefined && this.#queue?.isEmpty !== false)',
    changes: ['this.#context.extension === undefined && this.#queue?.isEmpty !== false → false'],
    why: FAST_PATH,
  },
  {
    file: 'protocol/sending/sender.ts',
    line: 'if (this.#isReleased) this.#context.extension?.close()',
    changes: ['this.#context.extension?.close → this.#context.extension.close'],
    why: 'Only an extension at work lets the report come before our last frame, so here there is one.',
  },
  {
    file: 'protocol/bytes.ts',
    line: 'if (parts.length === 1) return parts[0]!',
    changes: ['parts.length === 1 → false'],
    why: FAST_PATH,
  },
  {
    file: 'protocol/receiving/chunk-queue.ts',
    line: 'if (this.#first > 0) this.#chunks[--this.#first] = rest',
    changes: ['this.#first > 0 → true'],
    why: 'An array keeps what is put at −1, too, as a property, slowly; this keeps it a list.',
  },
  {
    file: 'protocol/receiving/chunk-queue.ts',
    line: 'if (this.#first >= COMPACT_FROM && 2 * this.#first >= this.#chunks.length) {',
    changes: [
      'this.#first >= COMPACT_FROM && 2 * this.#first >= this.#chunks.length → true',
      'this.#first >= COMPACT_FROM && 2 * this.#first >= this.#chunks.length → this.#first >= COMPACT_FROM || 2 * this.#first >= this.#chunks.length',
      'this.#first >= COMPACT_FROM → true',
      'this.#first >= COMPACT_FROM → this.#first > COMPACT_FROM',
      'this.#first >= COMPACT_FROM → this.#first < COMPACT_FROM',
      '2 * this.#first >= this.#chunks.length → true',
      '2 * this.#first >= this.#chunks.length → 2 * this.#first > this.#chunks.length',
    ],
    why: HOW_OFTEN,
  },
  {
    file: 'protocol/utf8.ts',
    line: 'if (this.#isUtf8 === undefined || end - start < BULK_FROM) return this.#pushEach(bytes, start, end)',
    changes: ['end - start < BULK_FROM → end - start <= BULK_FROM'],
    why: 'Both ways give the same verdict; this chooses the faster.',
  },
  {
    file: 'protocol/utf8.ts',
    line: 'while (at > end - 4 && (bytes[at]! & 0xc0) === 0x80) at--',
    changes: ['at > end - 4 → true', 'at > end - 4 → at >= end - 4'],
    why: 'Behind more than three continuation bytes there is no character: it is no UTF-8 wherever it is cut, and this is the sooner known.',
  },
]
