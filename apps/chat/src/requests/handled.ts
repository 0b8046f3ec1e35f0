// The result of a request handler.

import type { Replies } from '../wire/messages.ts'

/**
 * A request that is done, or is on its way: then the next one is handled before it is replied to.
 */
export interface Handled<T extends keyof Replies> {
  readonly reply: Replies[T] | Promise<Replies[T]>
  /** Runs after the reply has been sent. */
  readonly after?: () => void
}
