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
    file: 'close-payload.ts',
    line: "return { code, reason: end - start === 2 ? '' : decodeReason(bytes.subarray(start + 2, end)) }",
    replacements: ['false', 'end + start'],
    why: 'The reason of no bytes is an empty text either way; this spares a call.',
  },
  {
    file: 'frame.ts',
    line: 'if (header.masked) mask(bytes, size, bytes.length, header.maskingKey)',
    replacements: ['true'],
    why: UNMASKED,
  },
  {
    file: 'judge.ts',
    line: 'if (header.lengthSize !== 0) judgeLength(header)',
    replacements: ['true'],
    why: 'A length in the first byte passes the other checks, too; this spares them.',
  },
  {
    file: 'decoder.ts',
    line: 'if (header === spareHeader) spareHeader = undefined',
    replacements: ['true'],
    why: SPARE,
  },
  {
    file: 'decoder.ts',
    line: 'const between = this.#offset < 0',
    replacements: ['false'],
    why: SPARE,
  },
  {
    file: 'decoder.ts',
    line: 'if (between) spareHeader = header',
    replacements: ['false'],
    why: SPARE,
  },
  {
    file: 'decoder.ts',
    line: 'if (start === end) return end',
    replacements: ['false'],
    why: 'A header of which nothing came would be carried as no bytes; this spares the memory.',
  },
  {
    file: 'decoder.ts',
    line: 'if (start === end && !last) return false',
    replacements: ['true'],
    why: AT_THE_END,
  },
  { file: 'decoder.ts', line: 'if (!last) return false', replacements: ['true'], why: AT_THE_END },
  {
    file: 'decoder.ts',
    line: 'if (header.masked) mask(bytes, start, end, header.maskingKey, offset)',
    replacements: ['true'],
    why: UNMASKED,
  },
  {
    file: 'decoder.ts',
    line: 'if (header.masked) mask(payload, 0, payload.length, header.maskingKey)',
    replacements: ['true'],
    why: UNMASKED,
  },
  {
    file: 'header.ts',
    line: 'if (end - start < 2) return 0',
    replacements: ['false', 'end + start'],
    why: 'What is missing is noticed below, where the size is known; this keeps reads inside of the bytes, which is faster.',
  },
  {
    file: 'mask.ts',
    line: 'if (length < WORDS_FROM) maskBytes(bytes, start, end, key)',
    replacements: ['true', 'length <= WORDS_FROM'],
    why: FASTEST,
  },
  {
    file: 'mask.ts',
    line: 'else if (length < LONG_WORDS_FROM) maskWords(bytes, start, end, key)',
    replacements: ['true', 'false', 'length <= LONG_WORDS_FROM', 'length >= LONG_WORDS_FROM'],
    why: FASTEST,
  },
  {
    file: 'mask.ts',
    line: 'for (let i = 0; i < count; i++) words[i]! ^= word',
    replacements: ['i <= count'],
    why: 'An array of numbers takes no notice of what is written behind its end.',
  },
  {
    file: 'mask.ts',
    line: 'return bits === 0 ? maskingKey : (maskingKey << bits) | (maskingKey >>> (32 - bits))',
    replacements: ['false'],
    why: 'Shifts by 0 and by 32, which JavaScript takes for 0, give the key itself; this spares them.',
  },
]
