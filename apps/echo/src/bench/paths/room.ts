// Rooms: a message to one is sent to everyone in it.

import { type BenchPath, definePath } from '../path.ts'
import { ValueError } from '../values.ts'
import type { Visit } from '../visit.ts'

const LONGEST_NAME = 64

/** A path with rooms of its own. */
export function createRoomPath(): BenchPath {
  const rooms = new Map<string, Set<Visit>>()
  return definePath({
    route: '/room/:name',
    usage: '/room/NAME',
    about: 'Relays each message to everyone in the room, the sender included. Slow readers miss some.',
    parameters: {},
    upgrade({ params }) {
      if ((params.name ?? '').length <= LONGEST_NAME) return undefined
      throw new ValueError(`the name of a room must have at most ${LONGEST_NAME} characters`)
    },
    open(visit) {
      const name = visit.params.name ?? ''
      const room = rooms.get(name) ?? new Set()
      rooms.set(name, room.add(visit))
      visit.signal.addEventListener('abort', () => {
        room.delete(visit)
        if (room.size === 0) rooms.delete(name)
      })
    },
    message(visit, message) {
      for (const { sender } of rooms.get(visit.params.name ?? '') ?? []) {
        if (!sender.isFull) void sender.send(message)
      }
      // The sender itself is held back.
      return visit.sender.isFull ? visit.sender.sent : undefined
    },
  })
}
