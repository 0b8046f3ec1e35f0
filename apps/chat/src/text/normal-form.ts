// Unicode normalization in linear time for all texts.

/**
 * As many combining marks in a row as the Stream-Safe Text Format allows (UAX #15 §13), and those
 * that follow.
 */
const MARKS = /(\p{M}{30})\p{M}+/gu

/**
 * The text in a Unicode normal form, without combining marks beyond 30 in a row: no script needs as
 * many, and sorting them takes quadratic time.
 */
export function normalForm(text: string, form: 'NFC' | 'NFKC' | 'NFKD'): string {
  return text.replace(MARKS, '$1').normalize(form)
}
