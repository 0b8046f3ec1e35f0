// Zero width joiners and non-joiners where a script needs them: UAX #31 §2.3.1. Elsewhere they are
// invisible differences.

/**
 * Arabic letters that are joined to the letter before them only, and letters that are not joined at
 * all.
 */
const NOT_JOINED_ON =
  '\\u0621-\\u0625\\u0627\\u0629\\u062F-\\u0632\\u0648\\u0671-\\u0678\\u0688-\\u0699\\u06C0\\u06C3-\\u06CB\\u06CD\\u06CF\\u06D2\\u06D3\\u06D5\\u06DD\\u06EE\\u06EF'

/**
 * The signs that join a consonant to the next one in the scripts of India, Sri Lanka and their
 * neighbors.
 */
const VIRAMAS =
  '\\u094D\\u09CD\\u0A4D\\u0ACD\\u0B4D\\u0BCD\\u0C4D\\u0CCD\\u0D3B\\u0D3C\\u0D4D\\u0DCA\\u0F84\\u1039\\u103A\\u17D2\\u1B44\\u1BAA\\u1BAB\\uA806\\uA8C4\\uA953\\uA9C0\\uAAF6\\uABED'

const ARABIC = '[\\p{Script=Arabic}&&\\p{L}]'

const NEEDED = new RegExp(
  [
    // Context A1: between Arabic letters that would be joined.
    `(?<=[${ARABIC}--[${NOT_JOINED_ON}]]\\p{Mn}{0,8})\\u200C(?=\\p{Mn}{0,8}${ARABIC})`,
    // Contexts A2 and B: after a virama, which stands on a letter.
    `(?<=\\p{L}\\p{M}{0,8}[${VIRAMAS}]\\p{Mn}?)\\u200C(?=\\p{Mn}?\\p{L})`,
    `(?<=\\p{L}\\p{M}{0,8}[${VIRAMAS}]\\p{Mn}?)\\u200D`,
    // Bengali ra before a joined ya (The Unicode Standard, §12.2).
    '(?<=\\u09B0)\\u200D(?=\\u09CD\\u09AF)',
  ].join('|'),
  'gv',
)

/** The text without the joiners and non-joiners that its script needs; others stay. */
export function withoutNeededJoiners(text: string): string {
  return text.replace(NEEDED, '')
}
