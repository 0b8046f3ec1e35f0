// Scripts with and without spaces between words.

/**
 * Scripts that are written without spaces between words, and Hangul, whose particles follow a word
 * directly.
 */
export const UNSPACED: RegExp =
  /[\p{scx=Han}\p{scx=Hira}\p{scx=Kana}\p{scx=Hang}\p{scx=Thai}\p{scx=Laoo}\p{scx=Khmr}\p{scx=Mymr}]/u

/**
 * A letter, digit or underscore of the other scripts: a link or a mark does not stand directly
 * beside it.
 */
export const SPACED_WORD: RegExp = new RegExp(`(?!${UNSPACED.source})[\\p{L}\\p{N}_]`, 'u')
