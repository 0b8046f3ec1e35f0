/** The words of an error as a sentence: with a capital letter, and an end. */
export function sentence(words: string): string {
  const start = words.charAt(0).toUpperCase() + words.slice(1)
  return words === '' || /[.!?…]$/.test(start) ? start : `${start}.`
}
