/** More marks in a row than a letter has in any language, or the same one twice. */
const STACKED = /\p{Mn}{5}|(\p{Mn})\1/u

/** Whether marks are stacked on a letter until they cover the lines around it. */
export function hasStackedMarks(text: string): boolean {
  return STACKED.test(text.normalize('NFD'))
}
