// The state of the chat in one tab. Data only; the other files of this folder change it.

import { LOBBY } from '../../../src/wire/constants.ts'
import type { User, WireEntry } from '../../../src/wire/messages.ts'
import type { Room } from '../room/room.ts'

/** A question that the person has to answer first. */
export type Question = 'nick' | 'account'

/** Called after changes. */
export interface Observer {
  /** Something that is shown may be different now. */
  changed(): void
  /** Another user sent a message that was not there before. */
  heard(room: Room, entry: WireEntry): void
  /** The text of a message is no longer valid: it was edited or deleted. */
  outdated(room: Room, seq: number): void
}

export class State {
  user: User | undefined
  readonly rooms = new Map<string, Room>()
  /** The name of the room that is shown. */
  current = LOBBY
  question: Question | undefined
  /** Why the last answer to the question was refused. */
  complaint = ''

  /** The room that is shown, once it is known. */
  get room(): Room | undefined {
    return this.rooms.get(this.current)
  }
}
