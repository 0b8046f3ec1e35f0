// The last entries of a room, by who sent them under which cid: what a retry is answered from, whatever is forbidden by now.

import type { Entry } from '../log/entry.ts'

const MOST = 1000

/** Where something is stored, and when. */
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
