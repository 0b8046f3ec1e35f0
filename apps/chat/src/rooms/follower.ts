// A connection in a room. A live follower receives each entry as it is stored. A lagging one is
// served from the log, page by page at the speed of its reader, until it has reached the end.
// Joining with a position, resuming and reading slowly are all the same case.

import { setTimeout as pause } from 'node:timers/promises'
import type { PreparedMessage } from '@ws/server'
import type { Page } from '../engine/engine.ts'
import type { Position } from '../log/entry.ts'
import type { SyncPush } from '../wire/messages.ts'
import { wireEntry } from '../wire/wire-entry.ts'
import type { Receiver } from './receiver.ts'

/** Milliseconds after which a follower that waits looks whether it is still needed. */
const LONGEST_PAUSE = 1000

/** A room, as its followers see it. */
interface FollowedRoom {
  readonly name: string
  /** The last entry that the room has received. */
  readonly head: Position
  readonly top: number
  /** A page of the log after a position; undefined when it cannot be read now. */
  readAfter(seq: number): Promise<Page | undefined>
  /** Resolves when another attempt to read the log makes sense. */
  wait(): Promise<void>
  countSync(): void
  countGap(): void
}

export class Follower {
  readonly client: Receiver
  /** The id of whose connection it is. */
  readonly user: string
  readonly #room: FollowedRoom
  #epoch: string
  /** Up to where it has been sent the log. */
  #at: number
  /** A `sync` must be sent even if nothing was missed. */
  #owed: boolean
  /**
   * Up to here it was stored before this follower started: to be sent that is paid for by the read
   * allowance.
   */
  #backlog = 0
  #live = false
  #left = false

  /** `since`: the position of the client. With `owed` a `sync` is always sent. */
  constructor(client: Receiver, user: string, room: FollowedRoom, since: Position, owed: boolean) {
    this.client = client
    this.user = user
    this.#room = room
    this.#epoch = since.epoch
    this.#at = since.seq
    this.#owed = owed
  }

  /** Whether entries are sent as they are stored. */
  get isLive(): boolean {
    return this.#live
  }

  /** Begins to send, once its client knows that it is in the room. */
  start(): void {
    if (this.#left) return
    const { epoch, seq } = this.#room.head
    if (this.#epoch !== epoch || this.#at > Math.max(seq, this.#room.top)) this.reset(this.#room.head)
    this.#backlog = seq
    if (this.#at >= seq && !this.#owed) this.#live = true
    else void this.#catchUp()
  }

  /** Sends the next entry of the room. A lagging follower reads it from the log later. */
  deliver(seq: number, message: PreparedMessage): void {
    if (!this.#live || seq <= this.#at) return
    this.#at = seq
    if (this.client.push(message)) return
    this.#live = false
    void this.#catchUp()
  }

  /** The client's entries no longer belong to the log: starts again at a position. */
  reset({ epoch, seq }: Position): void {
    this.#epoch = epoch
    this.#skipTo(seq)
  }

  /** Stops sending. */
  leave(): void {
    this.#left = true
    this.#live = false
  }

  async #catchUp(): Promise<void> {
    while (!this.#left && !this.#live) {
      let wait = 0
      await this.client.inTurn(async () => {
        wait = this.#toWait()
        if (wait === 0) await this.#readOn()
      })
      if (wait > 0) await pause(Math.min(wait, LONGEST_PAUSE), undefined, { ref: false })
    }
  }

  /** Milliseconds until the client may receive more missed entries. */
  #toWait(): number {
    return !this.#left && this.#at < this.#backlog ? this.client.syncs.wait() : 0
  }

  /** Sends one page, or goes live. */
  async #readOn(): Promise<void> {
    await this.client.ready()
    if (this.#left) return
    if (this.#at >= this.#room.head.seq && !this.#owed) {
      this.#live = true
      return
    }
    const epoch = this.#epoch
    const page = await this.#room.readAfter(this.#at)
    // A reset may have sent it elsewhere in the meantime.
    if (this.#left || epoch !== this.#epoch) return
    if (page === undefined || page.epoch !== epoch || this.#isShort(page)) await this.#room.wait()
    else this.#send(page)
  }

  /**
   * The log ends before an entry that was announced: it lost its end, and the node will be
   * notified.
   */
  #isShort({ oldest, entries }: Page): boolean {
    return entries.length === 0 && oldest <= this.#at + 1 && this.#at < this.#room.head.seq
  }

  #send({ oldest, seq, entries }: Page): void {
    if (oldest > this.#at + 1) {
      this.#skipTo(Math.max(seq, this.#at))
      return
    }
    const from = this.#at + 1
    // An entry that the room has not received yet may ban this user.
    const known = entries.filter(entry => entry.seq <= this.#room.head.seq)
    this.#at += known.length
    const log = known.map(entry => wireEntry(entry, this.user))
    this.#sync({ from, to: this.#at, ok: true, log, more: this.#at < this.#room.head.seq })
  }

  #skipTo(seq: number): void {
    this.#at = seq
    this.#room.countGap()
    this.#sync({ from: seq + 1, to: seq, ok: false, log: [], more: seq < this.#room.head.seq })
  }

  #sync(sync: Omit<SyncPush, 't' | 'room' | 'epoch'>): void {
    if (this.#left) return
    this.#owed = false
    this.#room.countSync()
    const paidBy = sync.from <= this.#backlog ? this.client.syncs : undefined
    this.client.say({ t: 'sync', room: this.#room.name, epoch: this.#epoch, ...sync }, paidBy)
  }
}
