// y-websocket: two editors write at the same time, one of them while it is offline, and converge.

import { once } from 'node:events'
import { createServer } from 'node:http'
import { WebSocket, WebSocketServer } from 'ws'
import { WebsocketProvider } from 'y-websocket'
import { docs, setupWSConnection } from 'y-websocket/bin/utils'
import { Doc, type Text } from 'yjs'
import { close, listen } from '../lib.ts'

export async function run(): Promise<unknown> {
  const http = createServer()
  const server = new WebSocketServer({ noServer: true })
  server.on('connection', setupWSConnection)
  http.on('upgrade', (request, socket, head) =>
    server.handleUpgrade(request, socket, head, ws => server.emit('connection', ws, request)),
  )
  const url = `ws://127.0.0.1:${await listen(http)}`
  const [ann, bob] = [new Editor(url), new Editor(url)]
  await Promise.all([ann.synced(), bob.synced()])
  for (let i = 0; i < 100; i++) {
    ann.text.insert(0, `a${i} `)
    bob.text.insert(bob.text.length, `b${i} `)
  }
  await converge(ann, bob, 200)
  const together = words(ann)

  bob.provider.disconnect()
  ann.text.insert(0, 'online ')
  bob.text.insert(bob.text.length, 'offline ')
  ann.text.insert(0, `${'large '.repeat(20_000)}`)
  bob.provider.connect()
  await converge(ann, bob, 20_202)

  ann.provider.awareness.setLocalStateField('cursor', 7)
  while (bob.cursors().length === 0) await bob.awarenessChange()
  const cursors = bob.cursors()
  const found = { together, same: String(ann.text) === String(bob.text), words: words(ann).length, cursors }
  for (const { provider, document } of [ann, bob]) {
    provider.destroy()
    document.destroy()
  }
  for (const document of docs.values()) document.destroy()
  server.close()
  await close(http)
  return found
}

class Editor {
  readonly document: Doc = new Doc()
  readonly text: Text = this.document.getText('text')
  readonly provider: WebsocketProvider

  constructor(url: string) {
    this.provider = new WebsocketProvider(url, 'room', this.document, {
      WebSocketPolyfill: WebSocket as unknown as typeof globalThis.WebSocket,
      disableBc: true,
      maxBackoffTime: 50,
    })
  }

  async synced(): Promise<void> {
    while (!this.provider.synced)
      await new Promise<void>(resolve => this.provider.once('sync', () => resolve()))
  }

  /** The cursors of the other editors. */
  cursors(): unknown[] {
    return [...this.provider.awareness.getStates()]
      .filter(([id, { cursor }]) => id !== this.document.clientID && cursor !== undefined)
      .map(([, { cursor }]) => cursor)
  }

  async awarenessChange(): Promise<void> {
    await new Promise<void>(resolve => this.provider.awareness.once('change', () => resolve()))
  }
}

function words({ text }: Editor): string[] {
  return String(text).trim().split(' ').sort()
}

/** Waits until both have all words, in the same order. */
async function converge(ann: Editor, bob: Editor, count: number): Promise<void> {
  const done = (): boolean => words(ann).length === count && String(ann.text) === String(bob.text)
  while (!done())
    await Promise.race([once(ann.document as never, 'update'), once(bob.document as never, 'update')])
}
