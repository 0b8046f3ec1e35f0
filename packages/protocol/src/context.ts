// The settings of one connection, which its parts read from its `Lifecycle`.

import type { Role } from '@ws/frame'
import type { Extension } from './extension.ts'
import type { Host } from './host.ts'
import type { Limits } from './limits.ts'
import type { ProtocolSink } from './sink.ts'

export interface Context {
  readonly role: Role
  readonly host: Host
  readonly limits: Limits
  readonly extension: Extension | undefined
  /** Answer each ping with a pong. */
  readonly autoPong: boolean
  /** Deliver texts as validated bytes. */
  readonly textAsBytes: boolean
  readonly sink: ProtocolSink
}
