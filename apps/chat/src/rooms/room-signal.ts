// Signals between nodes about a room. Lossy.

export type RoomSignal =
  | { readonly t: 'presence' }
  | {
      readonly t: 'typing'
      readonly user: { readonly id: string; readonly nick: string }
      readonly on: boolean
    }
  /** `conn`: the connection that reported it. */
  | { readonly t: 'read'; readonly user: string; readonly seq: number; readonly conn: string }
  /** In the lobby, which every node hears: something about a user is not as it was. */
  | { readonly t: 'account'; readonly user: string }
