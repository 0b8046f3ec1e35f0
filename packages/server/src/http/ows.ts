// Optional whitespace in header fields (OWS, RFC 9110 §5.6.3).

/** Spaces and tabs at the ends of a text. */
const OWS = /^[ \t]+|(?<![ \t])[ \t]+$/g

/** Removes spaces and tabs at the ends. `trim` also removes U+00A0, which is a byte of a value. */
export function trimOws(text: string): string {
  return text.replace(OWS, '')
}
