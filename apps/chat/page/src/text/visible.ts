// Characters that could hide in a text: controls, and those that change the direction of
// surrounding text.

/**
 * C0 and C1 controls but tab and line feed, DEL, line and paragraph separators, bidirectional
 * embeddings, overrides and isolates.
 */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what it looks for
const HIDDEN = /[\0-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g

/**
 * The text of an attribute, isolated from the text around it (FSI and PDI of UAX #9): an attribute
 * has no elements.
 */
export function isolate(text: string): string {
  return `\u2068${makeVisible(text)}\u2069`
}

/**
 * The same text, as long, with a visible sign for each character that would act instead of being
 * seen.
 */
export function makeVisible(text: string): string {
  return text.replace(HIDDEN, character => {
    const code = character.charCodeAt(0)
    if (code < 0x20) return String.fromCharCode(0x2400 + code)
    return code === 0x7f ? '\u2421' : '\ufffd'
  })
}
