/**
 * A letter, digit or underscore of a script that separates words by spaces. In the other scripts,
 * and in Korean with its particles, a link or a mark may stand directly beside a letter.
 */
export const SPACED_WORD: RegExp =
  /(?![\p{scx=Han}\p{scx=Hira}\p{scx=Kana}\p{scx=Hang}\p{scx=Thai}\p{scx=Laoo}\p{scx=Khmr}\p{scx=Mymr}])[\p{L}\p{N}_]/u
