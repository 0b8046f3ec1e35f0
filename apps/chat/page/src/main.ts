// The page of the chat: connects the session with its views and with the events of the document.

import { clock } from './client/clock.ts'
import { openStorage } from './client/storage.ts'
import { Session } from './session/session.ts'
import { Announcer } from './view/announcer.ts'
import { copyText } from './view/clipboard.ts'
import { Composer } from './view/composer.ts'
import { Dialogs } from './view/dialogs.ts'
import { setUpDrawers } from './view/drawers.ts'
import { find, isolated, setText } from './view/element.ts'
import { refuseFiles } from './view/files.ts'
import { LogPane } from './view/log-pane.ts'
import { MembersPane } from './view/members-pane.ts'
import { askToDelete, askToRemoveRoom } from './view/questions.ts'
import { RoomDialog } from './view/room-dialog.ts'
import { RoomsPane } from './view/rooms-pane.ts'
import { SearchPane } from './view/search-pane.ts'
import { StatusBar } from './view/status-bar.ts'
import { isTouched } from './view/touch.ts'

const address = new URL('.', location.href)
address.protocol = address.protocol.replace('http', 'ws')
const { storage, isLasting } = openStorage()

const announcer = new Announcer()
let isDue = false

const session = new Session({
  url: address.href,
  clock,
  random: Math.random,
  WebSocket,
  storage,
  locks: isLasting ? (navigator.locks as LockManager | undefined) : undefined,
  changed: drawSoon,
  heard: (room, entry) => {
    if (room === session.room && !isSeen()) session.marks.lookAway()
    announcer.say(session, room, entry)
  },
  outdated: (room, seq) => {
    announcer.forget(room, seq)
    searchPane.forget(room, seq)
  },
})

const dialogs = new Dialogs(session)
const closeDrawers = setUpDrawers()
const logPane = new LogPane(session, {
  goTo: seq => void logPane.goTo(seq),
  reply: seq => composer.reply(seq),
  react: (seq, emoji) => session.writer.react(seq, emoji),
  copy: text => void copyText(text).catch(() => session.notice.tell("This browser doesn't allow copying.")),
  edit: seq => composer.edit(seq),
  remove: seq => void removeMessage(seq),
  retry: cid => session.outbox.retry(cid),
  discard: cid => session.outbox.discard(cid),
  seen: () => isSeen() && session.marks.seeAll(),
})
const composer: Composer = new Composer(session, {
  account: (op, nick) => dialogs.openAccount(op, nick),
  help: () => dialogs.openHelp(),
  signOut: () => dialogs.signOut(),
  removeRoom: () => removeRoom(),
  removeMessage,
  newest: () => void logPane.goToEnd(),
})
const roomsPane = new RoomsPane(session, show)
const membersPane = new MembersPane(session)
const statusBar = new StatusBar(session)
const searchPane = new SearchPane(session, (room, seq) => {
  show(room)
  void logPane.goTo(seq)
})
new RoomDialog(session, entered)

function isSeen(): boolean {
  return document.visibilityState === 'visible' && document.hasFocus() && logPane.isAtEnd
}

function show(name: string): void {
  session.notice.clear()
  session.membership.show(name)
  entered()
}

function entered(): void {
  closeDrawers()
  draw()
  // A keyboard that opens by itself would cover half of a phone.
  if (!isTouched()) composer.focus()
}

async function removeMessage(seq: number): Promise<boolean> {
  const isSure = await askToDelete()
  if (isSure) session.writer.remove(seq)
  return isSure
}

async function removeRoom(): Promise<void> {
  const name = session.current
  // Other users get the chat's error instead of a dialog.
  if (!session.user?.admin || (await askToRemoveRoom(name))) await session.removeRoom(name)
}

/**
 * Draws many changes at once. A hidden page has no frames, but its title must show unread messages.
 */
function drawSoon(): void {
  if (isDue) return
  isDue = true
  if (document.visibilityState === 'visible') requestAnimationFrame(draw)
  else setTimeout(draw, 200)
}

function draw(): void {
  isDue = false
  const { room, connection } = session
  setText(find('room-name', HTMLElement), room ? `#${room.name}` : 'Chat')
  setText(find('topic', HTMLElement), isolated(room?.topic ?? ''))
  document.body.dataset.state = connection.state.name
  for (const pane of [statusBar, logPane, roomsPane, membersPane, composer, dialogs]) pane.draw()
  if (isSeen()) session.marks.seeAll()
}

/** "Today" is another day then. */
function drawAtMidnight(): void {
  const midnight = new Date().setHours(24, 0, 1, 0)
  setTimeout(() => {
    drawSoon()
    drawAtMidnight()
  }, midnight - Date.now())
}

find('reconnect', HTMLElement).addEventListener('click', () => {
  session.connection.start()
  composer.focus()
})
addEventListener('online', () => session.connection.wake())
addEventListener('offline', () => session.connection.wake())
addEventListener('storage', () => session.stored())
addEventListener('focus', drawSoon)
document.addEventListener('visibilitychange', () => {
  if (document.visibilityState === 'hidden') return
  session.connection.wake()
  drawSoon()
})
refuseFiles(words => session.notice.tell(words))
for (const each of document.querySelectorAll<HTMLElement>('.blocked')) each.hidden = isLasting

session.start()
draw()
drawAtMidnight()
if (matchMedia('(pointer: fine)').matches) composer.focus()
