// The scripts that a name may mix (UTS #39 §5.2). Letters of different scripts look
// alike, so that a mixture of them can pass for another name.

/** The scripts in modern everyday use (UAX #31, table 5); all others count as one more. */
const SCRIPTS = [
  ...['Arabic', 'Armenian', 'Bengali', 'Bopomofo', 'Cyrillic', 'Devanagari', 'Ethiopic', 'Georgian', 'Greek'],
  ...['Gujarati', 'Gurmukhi', 'Han', 'Hangul', 'Hebrew', 'Hiragana', 'Kannada', 'Katakana', 'Khmer', 'Lao'],
  ...['Latin', 'Malayalam', 'Myanmar', 'Oriya', 'Sinhala', 'Tamil', 'Telugu', 'Thaana', 'Thai', 'Tibetan'],
]

const OTHERS = `[^${SCRIPTS.map(extensionsOf).join('')}]`

/** Scripts that a language is written in together. */
const TOGETHER = [
  ['Latin', 'Han', 'Hiragana', 'Katakana'],
  ['Latin', 'Han', 'Bopomofo'],
  ['Latin', 'Han', 'Hangul'],
]

/**
 * Scripts that may stand beside Latin words in one name: all but those whose letters look most like
 * Latin ones.
 */
const BESIDE_LATIN = SCRIPTS.filter(script => script !== 'Cyrillic' && script !== 'Greek').map(script => [
  'Latin',
  script,
])

const HIGHLY_RESTRICTIVE = [...SCRIPTS.map(script => [script]), ...TOGETHER].map(onlyOf)
const MODERATELY_RESTRICTIVE = [...TOGETHER, ...BESIDE_LATIN, ['Cyrillic'], ['Greek']].map(onlyOf)
const ONLY_OTHERS = new RegExp(`^(?:${OTHERS}|[\\p{Script=Common}\\p{Script=Inherited}])*$`, 'v')

/** A series of letters, with their marks and digits. */
const WORD = /[\p{L}\p{M}\p{N}]+/gu

/**
 * Whether a text mixes scripts in an unusual way. One word may have one script, or those of
 * Chinese, Japanese or Korean with Latin (highly restrictive); the whole text may have Latin and
 * one other, which must not be Cyrillic or Greek (moderately restrictive).
 */
export function mixesScripts(text: string): boolean {
  const allowed = (part: string, patterns: readonly RegExp[]) =>
    ONLY_OTHERS.test(part) || patterns.some(pattern => pattern.test(part))
  return (
    !allowed(text, MODERATELY_RESTRICTIVE) ||
    (text.match(WORD) ?? []).some(word => !allowed(word, HIGHLY_RESTRICTIVE))
  )
}

function extensionsOf(script: string): string {
  return `\\p{Script_Extensions=${script}}`
}

/** Matches a text of these scripts, and of characters that belong to all. */
function onlyOf(scripts: readonly string[]): RegExp {
  return new RegExp(
    `^[${scripts.map(extensionsOf).join('')}\\p{Script_Extensions=Common}\\p{Script_Extensions=Inherited}]*$`,
    'u',
  )
}
