// What must hold: after each step, when everybody has had the time that there is, and at the end of all. Looks, and touches nothing.

import type { WebSocketServer } from '@ws/server'
import { type Link, latin1 } from './link.ts'

/** The server's limits that the invariants check. */
export interface Limits {
  readonly highWaterMark: number
  readonly maxBufferedAmount: number
  readonly maxTotalBuffered: number
}

/** The world, as far as the invariants read it. */
interface ObservedWorld {
  readonly options: Limits
  readonly server: WebSocketServer<unknown>
  readonly links: readonly Link[]
  readonly user: { readonly reports: ReadonlyMap<Error, number> }
  readonly process: { readonly timers: number }
  readonly closing: 'no' | 'asked' | 'done'
  /** Records a violation. */
  fault(what: string): void
}

/** The longest message of a user's, with its header. */
const LARGEST_MESSAGE = 1514
/** The longest piece of a message in pieces. */
const LARGEST_PIECE = 714

/** After each step. */
export function checkNow(world: ObservedWorld): void {
  for (const link of world.links) checkLink(world, link)
  let open = 0
  for (const { socket, final } of world.links) if (socket !== undefined && final === undefined) open++
  const { sockets, buffered, unread } = world.server.stats()
  if (sockets !== open) world.fault(`${sockets} sockets, and ${open} are open`)
  const total = buffered + unread
  if (total > world.options.maxTotalBuffered) world.fault(`${total} bytes are buffered, above the budget`)
}

function checkLink(world: ObservedWorld, link: Link): void {
  const { index, wire, peer, report, final, waiting, failure, socket } = link
  // I4: "nothing reaches uncaughtException", and a failure closes its connection.
  if (wire.listenerCount('error') === 0) world.fault(`#${index} has no listener for errors`)
  if (failure !== undefined && final?.code !== 1011 && !cameBehind(link))
    world.fault(`#${index}: a handler failed, and the report says ${final?.code}`)
  // It was closed from here, or given up with what a pending handler held.
  if (
    socket !== undefined &&
    (final === undefined ? socket.state !== 'open' : report === undefined && socket.state === 'closed')
  )
    link.drops = true
  // I5: "every pending promise settles once, before it".
  if (report !== undefined && waiting.length > 0)
    world.fault(`#${index} is closed, and ${waiting.join(', ')} pending`)
  if (final !== undefined && socket!.state === 'open') world.fault(`#${index} has its report and says open`)
  if (report !== undefined && report !== final)
    world.fault(`#${index} was told another report than the final one`)
  if (report !== undefined && socket!.state !== 'closed')
    world.fault(`#${index} is closed and says ${socket!.state}`)
  if (peer.fault !== undefined) world.fault(`#${index}: ${peer.fault}`)
  checkQueue(world, link)
  checkProgress(world, link)
  // I2: "no retained view of a socket chunk outlives its turn".
  if (link.last !== undefined && latin1(link.last) !== link.told.at(-1))
    world.fault(`#${index}: a message is no longer what was told`)
  checkSent(world, link)
  if (link.isBystander && report !== undefined && world.closing === 'no')
    world.fault(`#${index} came to harm by others: ${report.code} by ${report.by}`)
}

/**
 * A session or a reader of pieces fails a few microtasks after it threw, and an error that leaves a loop ends the reading first:
 * what had come of the peer's before may end the connection in between, or another handler may, and the error then finds it closed.
 * So does a rejection: the peer waits for the handler of a message, but what that sent makes room in the same turn, and who is told
 * of that may terminate, or send more than may wait. Nobody waits for who is told of room.
 */
function cameBehind({ connect, final: report, rejected, terminated, isClosedHere }: Link): boolean {
  if (report === undefined) return false
  if (connect.kind === 'messages') {
    if (rejected === 'drain') return true
    // The peer's end may be read in the same turn, too.
    return (
      rejected === 'message' &&
      (isClosedHere || report.by !== 'local' || report.wasClean || report.code === 1006)
    )
  }
  return report.by !== 'local' || report.wasClean || report.cause !== undefined || terminated
}

/** I8: the outbound queue is bounded. */
function checkQueue(world: ObservedWorld, { socket, wire, index }: Link): void {
  if (socket === undefined) return
  const { maxBufferedAmount, highWaterMark } = world.options
  const ours = maxBufferedAmount + highWaterMark + LARGEST_MESSAGE + LARGEST_PIECE
  const queued = wire.destroyed ? 0 : wire.writableLength
  if (socket.bufferedAmount - queued > ours)
    world.fault(`#${index}: ${socket.bufferedAmount - queued} bytes wait for the transport, and ${ours} may`)
  // At the end all that waits is handed over at once.
  if (queued > 2 * ours + wire.writableHighWaterMark)
    world.fault(`#${index}: ${queued} bytes wait in the transport`)
}

/** Nothing is put off that could be done: nobody would do it later. */
function checkProgress(world: ObservedWorld, link: Link): void {
  const { index, connect, socket, report, final, wire, waiting, busy } = link
  if (socket !== undefined && wire.endWasRead && final === undefined)
    world.fault(`#${index} does not know that its peer has ended`)
  if (
    connect.kind === 'messages' &&
    final !== undefined &&
    wire.endWasRead &&
    busy === 0 &&
    report === undefined
  )
    world.fault(`#${index} has ended, and its close handler does not know`)
  if (socket?.state !== 'open' || waiting.includes('sendStream by steps')) return
  const { bufferedAmount } = socket
  const queued = wire.writableLength
  const stuck = waiting.filter(name => name === 'ready' || name === 'write' || name.startsWith('sendStream'))
  // What is sent behind a message in pieces waits for its end.
  if (
    bufferedAmount > queued &&
    !wire.writableNeedDrain &&
    !stuck.some(name => name.startsWith('sendStream'))
  )
    world.fault(`#${index} has room, and ${bufferedAmount - queued} bytes do not leave`)
  if (bufferedAmount === 0 && stuck.length > 0) world.fault(`#${index} has sent all, and ${stuck} pending`)
}

/** What the peer reads of what `send` took is the first of it, in order. */
function checkSent(world: ObservedWorld, { peer, sent, index }: Link): void {
  const { received } = peer
  let next = peer.checkedSends
  for (let i = peer.checked; i < received.length; i++) {
    const message = received[i]!
    if (message.startsWith('s') && !message.startsWith(`s${next++}:`))
      world.fault(`#${index}: after ${next - 1} messages its peer read ${message.slice(0, 10)}`)
  }
  peer.checked = received.length
  peer.checkedSends = next
  if (next > sent) world.fault(`#${index}: its peer read ${next} messages, and ${sent} were sent`)
}

/** Bystanders have been asked for an echo of each of their messages. */
export function checkEchoes(world: ObservedWorld): void {
  for (const { index, isBystander, peer } of world.links)
    if (isBystander && peer.received.length !== peer.messages.length)
      world.fault(`#${index} came to harm by others: it is not answered`)
}

/** When the peers have been silent for longer than anybody waits: only a handler of the user's can keep a connection. */
export function checkPatience(world: ObservedWorld): void {
  for (const { index, connect, socket, report, busy, gates, wire } of world.links) {
    if (connect.kind === 'bystander') continue
    if (socket === undefined && gates.length === 0 && !wire.isGone)
      world.fault(`#${index} was never answered`)
    if (connect.kind !== 'messages' || socket === undefined || busy > 0) continue
    if (report === undefined) world.fault(`#${index} was not given up`)
    if (!wire.isGone) world.fault(`#${index} is closed, and its transport was left`)
  }
}

/** When the server has closed: nothing is left. */
export function checkEnd(world: ObservedWorld): void {
  for (const link of world.links) checkGone(world, link)
  if (world.closing !== 'done') world.fault('server.close did not settle')
  if (world.process.timers > 0) world.fault(`${world.process.timers} timers are left`)
  for (const [error, count] of world.user.reports)
    if (count !== 1) world.fault(`the error ${error.message} was reported ${count} times`)
  checkStats(world)
}

function checkGone(world: ObservedWorld, link: Link): void {
  const { index, socket, report, waiting, wire } = link
  if (!wire.isGone) world.fault(`#${index}: its transport was left`)
  if (wire.listenerCount('data') > 0 && socket === undefined) world.fault(`#${index} is still listened to`)
  if (socket === undefined) return
  if (link.final === undefined) world.fault(`#${index} has no close report`)
  // A handler that never settles, or a loop that never goes on, is waited for.
  const isWaitedFor = link.busy > 0 || (link.connect.kind === 'loop' && !link.left)
  if (report === undefined && !isWaitedFor) world.fault(`#${index} did not tell its close handler`)
  if (waiting.length > 0) world.fault(`#${index} is gone, and ${waiting.join(', ')} pending`)
  if (socket.bufferedAmount !== 0) world.fault(`#${index} is gone, and ${socket.bufferedAmount} bytes wait`)
  if (socket.topics.size > 0) world.fault(`#${index} is gone and subscribed`)
}

function checkStats(world: ObservedWorld): void {
  const { opened, closed, sockets, buffered, unread, messagesReceived, bytesReceived, bytesSent, errors } =
    world.server.stats()
  const { links } = world
  const sum = (of: (link: Link) => number) => links.reduce((total, link) => total + of(link), 0)
  const there = sum(({ socket }) => (socket === undefined ? 0 : 1))
  if (opened !== there || closed !== there)
    world.fault(`stats: ${opened} opened, ${closed} closed of ${there}`)
  if (sockets !== 0) world.fault(`stats: ${sockets} sockets`)
  if (buffered !== 0) world.fault(`stats: ${buffered} buffered`)
  if (unread !== 0) world.fault(`stats: ${unread} unread`)
  if (errors !== world.user.reports.size) world.fault(`stats: ${errors} errors of ${world.user.reports.size}`)
  if (messagesReceived < sum(({ told }) => told.length)) world.fault(`stats: ${messagesReceived} messages`)
  if (bytesReceived > sum(({ wire, head }) => wire.bytesPushed + head))
    world.fault(`stats: ${bytesReceived} bytes in`)
  if (bytesSent < sum(({ peer }) => peer.bytesRead)) world.fault(`stats: ${bytesSent} bytes out`)
}
