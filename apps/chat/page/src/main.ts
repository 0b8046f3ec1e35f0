// The page of the chat: puts the session and its views together, and tells the session what happens around the page.

import { clock } from './client/clock.ts'
import { Session } from './session.ts'
import { Announcer } from './view/announcer.ts'
import { copyText } from './view/clipboard.ts'
import { Composer } from './view/composer.ts'
import { Dialogs } from './view/dialogs.ts'
import { setUpDrawers } from './view/drawers.ts'
import { find, isolated, setText } from './view/element.ts'
import { LogPane } from './view/log-pane.ts'
import { MembersPane } from './view/members-pane.ts'
import { RoomsPane } from './view/rooms-pane.ts'
import { SearchPane } from './view/search-pane.ts'
import { statusOf, typingOf } from './view/words.ts'

const address = new URL('.', location.href)
address.protocol = address.protocol.replace('http', 'ws')

const announcer = new Announcer()
let isDue = false

const session = new Session({
  url: address.href,
  clock,
  random: Math.random,
  WebSocket,
  storage: localStorage,
  locks: navigator.locks as LockManager | undefined,
  changed: drawSoon,
  heard: (room, entry) => {
    if (room === session.room && !isSeen()) session.lookAway()
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
  react: (seq, emoji) => session.react(seq, emoji),
  copy: text => void copyText(text).catch(() => session.tell("This browser doesn't allow copying.")),
  edit: seq => composer.edit(seq),
  remove: seq => void confirmRemoval(seq),
  retry: cid => session.outbox.retry(cid),
  discard: cid => session.outbox.discard(cid),
  seen: () => isSeen() && session.seeAll(),
})
const composer: Composer = new Composer(session, {
  account: (op, nick) => dialogs.openAccount(op, nick),
  help: () => dialogs.openHelp(),
  removeRoom: () => removeRoom(),
  newest: () => void logPane.goToEnd(),
})
const roomsPane = new RoomsPane(session, show)
const membersPane = new MembersPane(session)
const searchPane = new SearchPane(session, (room, seq) => {
  show(room)
  void logPane.goTo(seq)
})

function isSeen(): boolean {
  return document.visibilityState === 'visible' && document.hasFocus() && logPane.isAtEnd
}

function show(name: string): void {
  session.show(name)
  closeDrawers()
  draw()
  composer.focus()
}

async function confirmRemoval(seq: number): Promise<void> {
  const question = {
    title: 'Delete this message?',
    words: 'Everyone will see that something was deleted, and not what.',
    yes: 'Delete',
    no: 'Keep it',
  }
  if (await dialogs.confirm(question)) session.remove(seq)
}

async function removeRoom(): Promise<void> {
  const name = session.current
  const question = {
    title: `Remove #${name}?`,
    words: "Everyone leaves it, and everything in it is deleted. This can't be undone.",
    yes: 'Remove',
    no: 'Cancel',
  }
  // Other users get the chat's error instead of a dialog.
  if (!session.user?.admin || (await dialogs.confirm(question))) await session.removeRoom(name)
}

/** Many changes at once are drawn once. A hidden page has no frames, and is drawn all the same: its title says what is new. */
function drawSoon(): void {
  if (isDue) return
  isDue = true
  if (document.visibilityState === 'visible') requestAnimationFrame(draw)
  else setTimeout(draw, 200)
}

function draw(): void {
  isDue = false
  const { room, connection, notice } = session
  setText(find('room-name', HTMLElement), room ? `#${room.name}` : 'Chat')
  setText(find('topic', HTMLElement), isolated(room?.topic ?? ''))
  setText(find('notice', HTMLElement), isolated(notice))
  find('notice-bar', HTMLElement).hidden = notice === ''
  drawStatus()
  document.body.dataset.state = connection.state.name
  const nicks = [...(room?.typing.values() ?? [])].map(({ user }) => user.nick)
  setText(find('typing', HTMLElement), ...typingOf(nicks))
  for (const pane of [logPane, roomsPane, membersPane, composer, dialogs]) pane.draw()
  if (isSeen()) session.seeAll()
}

function drawStatus(): void {
  const waiting = session.outbox.items.filter(({ state }) => state === 'queued').length
  const { state } = session.connection
  const words = statusOf(state, waiting, Date.now())
  setText(find('status', HTMLElement), isolated(words))
  find('reconnect', HTMLElement).hidden = words === '' || state.name === 'connecting'
}

find('reconnect', HTMLElement).addEventListener('click', () => {
  session.connection.start()
  composer.focus()
})
find('dismiss', HTMLElement).addEventListener('click', () => session.tell(''))
addEventListener('online', () => session.connection.wake())
addEventListener('offline', () => session.connection.wake())
addEventListener('storage', () => session.stored())
document.addEventListener('visibilitychange', () => {
  if (document.visibilityState === 'hidden') return
  session.connection.wake()
  drawSoon()
})
addEventListener('focus', drawSoon)
setInterval(() => {
  if (session.connection.state.name === 'waiting') drawStatus()
}, 1000)

/** "Today" is another day then. */
function drawAtMidnight(): void {
  const midnight = new Date().setHours(24, 0, 1, 0)
  setTimeout(() => {
    drawSoon()
    drawAtMidnight()
  }, midnight - Date.now())
}

session.start()
draw()
drawAtMidnight()
// A keyboard that opens by itself would cover half of a phone.
if (matchMedia('(pointer: fine)').matches) composer.focus()
