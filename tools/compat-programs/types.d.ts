// Types of modules that come without any.

declare module 'y-websocket/bin/utils' {
  import type { IncomingMessage } from 'node:http'
  import type { WebSocket } from 'ws'
  import type { Doc } from 'yjs'

  export const docs: Map<string, Doc>
  export function setupWSConnection(connection: WebSocket, request: IncomingMessage): void
}

declare module 'ws-original' {
  export { WebSocket } from 'ws'
}
