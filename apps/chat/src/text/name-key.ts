import { normalForm } from './normal-form.ts'

/** The key of a name: names that differ only in case or compatibility forms have the same one. */
export function nameKey(nick: string): string {
  return normalForm(nick, 'NFKC').toLowerCase()
}
