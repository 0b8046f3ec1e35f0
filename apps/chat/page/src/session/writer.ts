// The user's writes to the room that is shown. Sent now, or as soon as there is a connection.

import { isSameEmoji } from '../../../src/log/fold.ts'
import { TYPING_INTERVAL } from '../../../src/wire/constants.ts'
import type { OkReply } from '../../../src/wire/messages.ts'
import type { Clock } from '../client/clock.ts'
import type { Connection } from '../client/connection.ts'
import type { Notice } from '../client/notice.ts'
import { makeCid, type Outbox, type Write } from '../client/outbox.ts'
import type { State } from './state.ts'

interface WriterOptions {
  readonly state: State
  readonly connection: Connection
  readonly clock: Clock
  readonly notice: Notice
  readonly outbox: Pick<Outbox, 'add' | 'arrived'>
}

export class Writer {
  readonly #options: WriterOptions
  #typedAt = 0

  constructor(options: WriterOptions) {
    this.#options = options
  }

  say(body: string, as?: 'me'): void {
    const { room } = this.#options.state
    if (room === undefined) return
    const reply = room.replyTo
    this.#write({
      t: 'send',
      fields: { ...this.#place(), body, ...(as && { as }), ...(reply !== undefined && { reply }) },
    })
    room.replyTo = undefined
    room.newAfter = undefined
    this.#typedAt = 0
  }

  edit(seq: number, body: string): void {
    this.#write({ t: 'edit', fields: { ...this.#place(), seq, body } })
  }

  remove(seq: number): void {
    this.#write({ t: 'del', fields: { ...this.#place(), seq } })
  }

  /** Adds a reaction to a message, or takes it back. */
  react(seq: number, emoji: string): void {
    const { room, user } = this.#options.state
    const reactions = Object.entries(room?.log.find(seq)?.fold?.reactions ?? {})
    const reactors = reactions.find(([other]) => isSameEmoji(other, emoji))?.[1] ?? []
    const on = !reactors.includes(user?.id ?? '')
    this.#write({ t: 'react', fields: { ...this.#place(), seq, emoji, on } })
  }

  setTopic(topic: string): void {
    this.#write({ t: 'topic', fields: { ...this.#place(), topic } })
  }

  #place(): { readonly room: string; readonly cid: string } {
    return { room: this.#options.state.current, cid: makeCid() }
  }

  #write(write: Write): void {
    const { state, outbox, notice } = this.#options
    if (state.user === undefined) return
    try {
      outbox.add(write, state.user.id)
    } catch (error) {
      notice.tell((error as Error).message)
    }
  }

  /** Sends a write of the outbox. Rejects as `Connection.request` does. */
  async send(write: Write): Promise<{ readonly seq: number }> {
    const { state, connection, outbox } = this.#options
    const { room, cid } = write.fields
    const result = (await connection.request(write.t, write.fields as never)) as OkReply<'send'>
    // Its entry may have been received before its reply.
    if ((state.rooms.get(room)?.log.last ?? 0) >= result.seq) outbox.arrived(cid)
    return result
  }

  /** The user is typing, or has stopped. Sent at most once in three seconds. */
  type(isTyping: boolean): void {
    const { state, connection, clock } = this.#options
    const now = clock.now()
    const isDue = isTyping ? now - this.#typedAt >= TYPING_INTERVAL : this.#typedAt > 0
    if (!isDue) return
    this.#typedAt = isTyping ? now : 0
    connection.notify({ t: 'typing', room: state.current, on: isTyping })
  }
}
