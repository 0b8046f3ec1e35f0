import { normalForm } from './normal-form.ts'

/** What makes two nicks the same: compatibility forms and case are no difference. */
export function nickKey(nick: string): string {
  return normalForm(nick, 'NFKC').toLowerCase()
}
