const TIME = /\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?Z/g
const moment = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' })

/** The words of an error as a sentence: with a capital letter, an end, and times as the reader writes them. */
export function sentence(words: string): string {
  const start =
    words.charAt(0).toUpperCase() + words.slice(1).replace(TIME, time => moment.format(new Date(time)))
  return words === '' || /[.!?…]$/.test(start) ? start : `${start}.`
}
