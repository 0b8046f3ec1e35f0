// Reactions are emoji: which texts are one, and the form in which each is stored (UTS #51).

/**
 * The emoji that Unicode recommends for general interchange, each as one character for its reader.
 */
const EMOJI = /^\p{RGI_Emoji}$/v

/** Characters that are drawn as text unless a variation selector or a skin tone follows. */
const TEXT_BY_DEFAULT = /(?!\p{Emoji_Presentation})\p{Emoji}(?!\p{Emoji_Modifier})/gu

/** Requests that the character before it is drawn as an emoji. */
const VARIATION_SELECTOR = '\uFE0F'

/**
 * The emoji that a text is, with a variation selector wherever it needs one and nowhere else; or
 * undefined where the text is not exactly one emoji.
 */
export function readEmoji(text: string): string | undefined {
  const emoji = text.replaceAll(VARIATION_SELECTOR, '').replace(TEXT_BY_DEFAULT, `$&${VARIATION_SELECTOR}`)
  return EMOJI.test(emoji) ? emoji : undefined
}
