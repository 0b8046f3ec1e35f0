// Characters that draw nothing: with them two names look the same and are not. Unicode has
// properties for most of them: controls, format characters, surrogates, private use and unassigned
// code points (category C), and everything that a font may leave out (Default_Ignorable_Code_Point:
// fillers, joiners, variation selectors, tags). The rest have the category of letters, symbols or
// marks and are known by their names only.

/** Letters and symbols whose glyph is blank. */
const BLANKS = [
  '\u2800', // BRAILLE PATTERN BLANK
  '\u303F', // IDEOGRAPHIC HALF FILL SPACE
  '\uFFFC', // OBJECT REPLACEMENT CHARACTER
  '\u{13441}\u{13442}', // EGYPTIAN HIEROGLYPH FULL BLANK, HALF BLANK
  '\u{1D159}', // MUSICAL SYMBOL NULL NOTEHEAD
].join('')

/** Marks that change how their neighbors are drawn, and draw nothing themselves. */
const CONTROLLING_MARKS = [
  '\u{13440}', // EGYPTIAN HIEROGLYPH MIRROR HORIZONTALLY
  '\u{16FE4}', // KHITAN SMALL SCRIPT FILLER
  '\u{1BC9D}', // DUPLOYAN THICK LETTER SELECTOR
].join('')

/**
 * Marks that stack or join two letters of their own script (Indic_Syllabic_Category:
 * Invisible_Stacker, Number_Joiner).
 */
const JOINING_MARKS = [
  '\u1039\u17D2\u1A60\u2D7F',
  '\u{10A3F}\u{1107F}\u{11133}\u{113D0}\u{1193E}\u{11A47}\u{11A99}\u{11D45}\u{11D97}\u{11F42}',
].join('')

const INVISIBLE = new RegExp(
  [
    `[\\p{C}\\p{Default_Ignorable_Code_Point}\\p{Zl}\\p{Zp}${BLANKS}${CONTROLLING_MARKS}]`,
    // A mark is drawn on the character before it, or not at all.
    '(?:^|\\p{Z})\\p{M}',
    // Scripts in which letters have no case, and digits are not letters.
    `(?<![\\p{Lo}\\p{M}\\p{N}])[${JOINING_MARKS}]`,
    `[${JOINING_MARKS}](?![\\p{Lo}\\p{N}])`,
  ].join('|'),
  'u',
)

/**
 * Whether some character of a text draws nothing, spaces aside. The text is in Unicode normal form
 * C.
 */
export function hasInvisible(text: string): boolean {
  return INVISIBLE.test(text)
}
