// Brings the connections of a user up to date after a change of the account.

import type { Context } from '../context/context.ts'
import { CloseCode, SESSION_ENDED } from '../wire/constants.ts'
import type { Client } from './client.ts'
import type { ConnectedUsers } from './connected-users.ts'

/** Ends the connections whose session has been closed. Rejects with `Unavailable`. */
export async function refreshUser(
  user: string,
  users: ConnectedUsers<Client>,
  context: Context,
): Promise<void> {
  for (const client of [...users.of(user)]) {
    const { account: before, session } = client
    if (before === undefined || session === undefined) continue
    const account = await context.ask(context.engine.accounts.session(session, context.now()))
    // The connection may have changed its user in the meantime.
    if (client.session !== session) continue
    if (account === undefined) client.end(CloseCode.badToken, SESSION_ENDED)
    else if (account.nick !== before.nick || account.guest !== before.guest) client.become(account)
    else if (account.admin !== before.admin) {
      client.become(account)
      const msg = account.admin ? 'You are an admin now.' : 'You are no longer an admin.'
      client.say({ t: 'notice', level: 'info', msg })
    }
  }
}
