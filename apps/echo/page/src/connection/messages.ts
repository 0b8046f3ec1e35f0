// What the page and its worker tell each other.

/** The data of a message. */
export type Data = string | Uint8Array<ArrayBuffer>

/** From the page. */
export type ToWorker =
  | { readonly do: 'open'; readonly url: string; readonly protocols: readonly string[] }
  | { readonly do: 'send'; readonly data: Data }
  | { readonly do: 'close'; readonly code: number | undefined; readonly reason: string }
  /** Sends messages one after another on a connection of its own, and times each echo. */
  | { readonly do: 'measure'; readonly url: string; readonly count: number; readonly size: number }

/** How an echo differs from what was sent. */
export interface Echo {
  /** Milliseconds from `send` to the message. */
  readonly time: number
  /** In words; empty if it does not differ. */
  readonly difference: string
}

/** From the worker. */
export type FromWorker =
  | { readonly kind: 'open'; readonly protocol: string; readonly extensions: string }
  /** `echo` is undefined if nothing was sent that this can be the echo of. */
  | { readonly kind: 'message'; readonly data: Data; readonly echo: Echo | undefined }
  | {
      readonly kind: 'closed'
      readonly code: number
      readonly reason: string
      readonly wasOpen: boolean
      /** Messages without an echo. */
      readonly unanswered: number
    }
  /** The address or the subprotocols are not valid. */
  | { readonly kind: 'invalid'; readonly words: string }
  /** Milliseconds of each echo, in order; fewer than asked for if the connection ended. */
  | { readonly kind: 'measured'; readonly times: readonly number[] }
