// The events of clients.

import { WebSocketServer } from '@ws/server'
import { expect, test } from 'vitest'
import { observe } from '../src/diagnostics.ts'
import { connect } from '../src/index.ts'
import { failureOf } from './failure.ts'

test('attempts and the events of client sockets are observed, and nothing of servers', async () => {
  await using server = new WebSocketServer({ message: (socket, data) => socket.send(data) })
  const { url } = await server.listen(0)
  const events: unknown[] = []
  const ends = [
    observe('handshake', ({ url: to, error, socket }) => events.push([to, error, socket?.state])),
    observe('receive', ({ data, role }) => events.push([data, role])),
  ]
  const socket = await connect(`${url.replace('ws://', 'ws://ann:secret@')}/feed?token=secret`)
  socket.send('hello')
  for await (const _ of socket) socket.close()
  const error = await failureOf(connect('ws://127.0.0.1:1/a'))
  for (const end of ends) end()
  await failureOf(connect('ws://127.0.0.1:1/b'))
  expect(events).toEqual([
    [`${url}/feed`, undefined, 'open'],
    ['hello', 'client'],
    ['ws://127.0.0.1:1/a', error, undefined],
  ])
})

test('an unknown event is a TypeError', () => {
  expect(() => observe('nonsense' as 'open', () => {})).toThrow(TypeError)
})
