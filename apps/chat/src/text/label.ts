// Texts that stand on one line among others: topics, reasons, reactions.

/** Line breaks and other control characters. */
const BREAKS = /[\p{Cc}\p{Zl}\p{Zp}]+/gu

/**
 * Characters that change the direction of surrounding text, and invisible ones. Joiners, variation
 * selectors and tags stay, because scripts and emoji need them.
 */
const UNSEEN =
  /[[\p{Bidi_Control}\p{Default_Ignorable_Code_Point}\ufff9-\ufffb]--[\u200c\u200d\p{Variation_Selector}\u{e0020}-\u{e007f}]]/gv

/** The text on one line, without invisible characters and without white space at its ends. */
export function cleanLabel(text: string): string {
  return text.replace(BREAKS, ' ').replace(UNSEEN, '').trim()
}
