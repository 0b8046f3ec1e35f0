/** What makes two nicks the same: compatibility forms and case are no difference. */
export function nickKey(nick: string): string {
  return nick.normalize('NFKC').toLowerCase()
}
