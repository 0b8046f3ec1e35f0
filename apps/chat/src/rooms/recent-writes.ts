// The last writes to a room by user and cid. Answers retries, even if the write would be forbidden
// by now.

import type { Entry } from '../log/entry.ts'

const MOST = 1000

/** The position of a stored entry, and its time. */
export interface Sent {
  readonly epoch: string
  readonly seq: number
  readonly ts: number
}

export class Recent {
  readonly #sent = new Map<string, Sent>()

  add({ user, cid, epoch, seq, ts }: Entry): void {
    this.#sent.set(keyOf(user.id, cid), { epoch, seq, ts })
    if (this.#sent.size > MOST) this.#sent.delete(this.#sent.keys().next().value!)
  }

  find(user: string, cid: string): Sent | undefined {
    return this.#sent.get(keyOf(user, cid))
  }

  clear(): void {
    this.#sent.clear()
  }
}

function keyOf(user: string, cid: string): string {
  return `${user} ${cid}`
}
