// `ws-chat admin`: says which registered users are admins, beside a chat that may be running.

import type { Accounts } from '../engine/engine.ts'
import type { RedisAddress } from '../engine/redis/address.ts'
import { RedisEngine } from '../engine/redis/redis-engine.ts'
import { ExternalAccounts } from '../engine/sqlite/external-accounts.ts'
import type { Json } from '../log/entry.ts'
import type { RoomSignal } from '../rooms/room-signal.ts'
import { LOBBY } from '../wire/constants.ts'

/** The arguments of `ws-chat admin`. */
export interface AdminChange {
  readonly op: 'add' | 'remove'
  readonly nick: string
  readonly store:
    | { readonly kind: 'file'; readonly file: string }
    | { readonly kind: 'redis'; readonly address: RedisAddress }
}

/**
 * Resolves when the change is stored and running nodes have been notified. Rejects with an `Error`
 * of one line.
 */
export async function changeAdmin({ op, nick, store }: AdminChange): Promise<void> {
  await using opened =
    store.kind === 'file' ? new ExternalAccounts(store.file) : await openRedis(store.address)
  const { accounts } = opened
  const account = await accounts.byNick(nick)
  if (account === undefined || account.guest)
    throw new Error(
      `no registered user is called ${JSON.stringify(nick)}: register the name in the chat first`,
    )
  await accounts.setAdmin(account.id, op === 'add')
  await opened.signal(LOBBY, { t: 'account', user: account.id } satisfies RoomSignal)
  console.log(`ws-chat: ${account.nick} is ${op === 'add' ? 'an admin now' : 'no longer an admin'}`)
}

interface Opened extends AsyncDisposable {
  readonly accounts: Accounts
  signal(room: string, event: Json): Promise<void>
}

async function openRedis(address: RedisAddress): Promise<Opened> {
  const engine = new RedisEngine(address)
  await engine.start({ entry() {}, removed() {}, lost() {}, signal() {}, state() {} })
  const { accounts } = engine
  return {
    accounts,
    async signal(room, event) {
      engine.signal(room, event)
      // Commands are sent in their order: with this reply the signal is out.
      await engine.tops([])
    },
    [Symbol.asyncDispose]: () => engine[Symbol.asyncDispose](),
  }
}
