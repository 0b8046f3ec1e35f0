// A connection, as rooms see it.

import type { PreparedMessage } from '@ws/server'
import type { ReadAllowance } from '../policy/read-allowance.ts'
import type { ServerMessage, User } from '../wire/messages.ts'

export interface Receiver {
  readonly id: string
  readonly user: User | undefined
  /** Pays for the entries that it missed. */
  readonly syncs: ReadAllowance
  /**
   * False if it reads too slowly to be sent more: wait for `ready`. `paidBy` is charged for the
   * bytes.
   */
  say(message: ServerMessage, paidBy?: ReadAllowance): boolean
  /** Sends a message that is encoded once for many receivers. Returns as `say` does. */
  push(message: PreparedMessage): boolean
  ready(): Promise<void>
  /** Runs one task after the other. */
  inTurn(task: () => Promise<void>): Promise<void>
  leave(room: string): void
  /** Leaves all rooms and closes. */
  expel(code: number, reason: string): void
}
