// How often somebody may try to sign in: from one address, and as one nick, on whatever node.

import type { Rate } from '@ws/server'
import type { Node } from './node.ts'

/** From one address; as one nick, from anywhere. */
const PER_ADDRESS: Rate = { perSecond: 1 / 10, burst: 20 }
const PER_NICK: Rate = { perSecond: 1 / 20, burst: 10 }

/** Counts an attempt. Gives the milliseconds to wait, 0 for none. Rejects with `Unavailable`. */
export async function takeAttempt(address: string, nick: string, node: Node): Promise<number> {
  const wait = await node.ask(node.engine.allowances.take('login-address', address, PER_ADDRESS))
  return wait > 0 ? wait : node.ask(node.engine.allowances.take('login-name', nick, PER_NICK))
}
