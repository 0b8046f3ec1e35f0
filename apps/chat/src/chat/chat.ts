// A chat node: its WebSocket server, its rooms, and everybody who is connected.

import type { DrainReport, Listening } from '@ws/server'
import type { ChatOptions } from './options.ts'
import type { ChatStats } from './stats.ts'

export type { ChatOptions } from './options.ts'
export type { ChatStats } from './stats.ts'

/** A chat that runs. */
export declare class Chat implements AsyncDisposable {
  /** Starts the engine, and makes the lobby. Rejects as `engine.start` does. */
  static start(options: ChatOptions): Promise<Chat>
  /** Listens as `WebSocketServer.listen` does: on loopback only, unless a host is named. */
  listen(port: number, host?: string): Promise<Listening>
  /** Whether it takes new connections: its engine is up, and it does not close. */
  get ready(): boolean
  /** What has been counted so far. */
  stats(): ChatStats
  /** Says good-bye to all, closes them with 1012, and ends the engine; those that are not gone `within` milliseconds are torn down. */
  close(options?: { readonly within?: number }): Promise<DrainReport>
  [Symbol.asyncDispose](): Promise<void>
}
