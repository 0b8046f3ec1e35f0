// Changes that no test notices, read one by one: each with the reason why it makes no difference, or none that matters.

import type { Explained } from './summary.ts'

const UNMASKED =
  'A frame that is not masked has a key of 0, and masking with that changes nothing; this spares the work.'
const AT_THE_END = 'All bytes have been taken: whether a decoder stops at their end makes no difference.'
const FASTEST = 'All three loops do the same; this chooses the fastest.'
const SPARE =
  'A header is made whenever there is none to spare; this keeps one, so that not every chunk makes another.'

/** By file and line, so that an entry holds until that line changes. */
export const explained: readonly Explained[] = [
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
    file: 'frame/judge.ts',
    line: 'if (header.lengthSize !== 0) judgeLength(header)',
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
    changes: ['start === end → true'],
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
    why: 'An array of numbers takes no notice of what is written behind its end.',
  },
  {
    file: 'frame/mask.ts',
    line: 'return bits === 0 ? maskingKey : (maskingKey << bits) | (maskingKey >>> (32 - bits))',
    changes: ['bits === 0 → false'],
    why: 'Shifts by 0 and by 32, which JavaScript takes for 0, give the key itself; this spares them.',
  },
]
