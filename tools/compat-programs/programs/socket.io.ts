// Socket.IO: binary data, compression, rooms, the upgrade from polling, connection state recovery.

import { once } from 'node:events'
import { createServer } from 'node:http'
import { Server } from 'socket.io'
import { io, type Socket } from 'socket.io-client'
import { Inbox, listen } from '../lib.ts'

const ROOMS = 20
const MEMBERS = 60

export async function run(): Promise<unknown> {
  const http = createServer()
  const server = new Server(http, {
    perMessageDeflate: { threshold: 512 },
    connectionStateRecovery: { maxDisconnectionDuration: 60_000 },
    maxHttpBufferSize: 4 * 2 ** 20,
  })
  const reasons = new Inbox<string>()
  server.on('connection', socket => {
    socket.on('echo', (value, acknowledge) => acknowledge(value))
    socket.on('join', (room, acknowledge) => {
      void socket.join(room)
      acknowledge()
    })
    socket.on('say', (room, value) => server.to(room).emit('said', room, value))
    socket.on('extensions', acknowledge => acknowledge(extensionsOf(socket)))
    socket.on('leave', () => socket.disconnect(true))
    socket.on('disconnect', reason => reasons.push(reason))
  })
  const url = `http://127.0.0.1:${await listen(http)}`
  const found = {
    binary: await sendBinary(url),
    compression: await compress(url),
    upgrade: await upgrade(url),
    rooms: await fillRooms(url),
    recovery: await recover(url, server),
    disconnect: await disconnect(url, reasons),
  }
  await server.close()
  return found
}

function open(url: string, options: Parameters<typeof io>[1] = {}): Socket {
  return io(url, { transports: ['websocket'], forceNew: true, ...options })
}

async function connected(url: string, options?: Parameters<typeof io>[1]): Promise<Socket> {
  const socket = open(url, options)
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve)
    socket.once('connect_error', reject)
  })
  return socket
}

/** The extensions of the server's WebSocket, which its transport keeps in `socket`. */
function extensionsOf(socket: { readonly conn: { readonly transport: unknown } }): string {
  return (socket.conn.transport as { socket: { extensions: string } }).socket.extensions
}

async function sendBinary(url: string): Promise<unknown> {
  const socket = await connected(url)
  const small = { name: 'a', bytes: Buffer.from([0, 1, 255]), more: [Buffer.alloc(0), Buffer.from('é')] }
  const large = Buffer.alloc(2 ** 20, 7)
  const echoed = await socket.emitWithAck('echo', small)
  const same = large.equals(await socket.emitWithAck('echo', large))
  socket.close()
  return { echoed: JSON.parse(JSON.stringify(echoed)), large: same }
}

async function compress(url: string): Promise<unknown> {
  const socket = await connected(url)
  const text = 'compressible '.repeat(10_000)
  const same = text === (await socket.emitWithAck('echo', text))
  const extensions = await socket.emitWithAck('extensions')
  socket.close()
  return { same, extensions }
}

async function upgrade(url: string): Promise<unknown> {
  const socket = open(url, { transports: ['polling', 'websocket'] })
  const transports = new Inbox<string>()
  socket.io.once('open', () => {
    transports.push(socket.io.engine.transport.name)
    socket.io.engine.once('upgrade', transport => transports.push(transport.name))
  })
  const used = await transports.take(2)
  const echoed = await socket.emitWithAck('echo', 'after the upgrade')
  socket.close()
  return { used, echoed }
}

async function fillRooms(url: string): Promise<unknown> {
  const sockets = await Promise.all(Array.from({ length: MEMBERS }, () => connected(url)))
  const inboxes = sockets.map(socket => {
    const inbox = new Inbox<[string, unknown]>()
    socket.on('said', (room, value) => inbox.push([room, value]))
    return inbox
  })
  await Promise.all(
    sockets.flatMap((socket, i) => [
      socket.emitWithAck('join', `room ${i % ROOMS}`),
      socket.emitWithAck('join', 'all'),
    ]),
  )
  for (let room = 0; room < ROOMS; room++)
    sockets[0]!.emit('say', `room ${room}`, room % 2 === 0 ? `text ${room}` : Buffer.from([room]))
  sockets[0]!.emit('say', 'all', 'the end')
  const received = await Promise.all(inboxes.map(inbox => inbox.take(2)))
  for (const socket of sockets) socket.close()
  return JSON.parse(JSON.stringify(received))
}

async function recover(url: string, server: Server): Promise<unknown> {
  const socket = await connected(url, { reconnectionDelay: 10, reconnectionDelayMax: 10 })
  const { id } = socket
  const inbox = new Inbox<[string, unknown]>()
  socket.on('said', (room, value) => inbox.push([room, value]))
  await socket.emitWithAck('join', 'recovered')
  server.to('recovered').emit('said', 'recovered', 'before')
  const before = await inbox.next()
  const accepted = once(server.sockets, 'connection')
  const left = new Promise(resolve => server.sockets.sockets.get(id!)!.once('disconnect', resolve))
  socket.io.engine.close()
  await left
  server.to('recovered').emit('said', 'recovered', 'in between')
  const between = await inbox.next()
  await accepted
  const recovered = { recovered: socket.recovered, sameId: socket.id === id, before, between }
  socket.close()
  return recovered
}

async function disconnect(url: string, reasons: Inbox<string>): Promise<unknown> {
  const socket = await connected(url)
  const told = new Promise(resolve => socket.once('disconnect', resolve))
  socket.emit('leave')
  const client = await told
  let server = await reasons.next()
  while (server !== 'server namespace disconnect') server = await reasons.next()
  return { client, server }
}
