// One line of the log, as an element.

import type { Author } from '../../../src/log/entry.ts'
import type { Pending } from '../client/outbox.ts'
import type { Line } from '../room/lines.ts'
import type { Room } from '../room/room.ts'
import type { Item } from '../room/room-log.ts'
import { sentence } from '../text/sentence.ts'
import { isolate, makeVisible } from '../text/visible.ts'
import type { MessageActions } from './actions.ts'
import { button, element, isolated } from './element.ts'
import { avatarOf, nameOf } from './person.ts'
import { beginningOf, richText } from './rich-text.ts'
import { dayOf, eventOf, momentOf, timeOf } from './words.ts'

/** The actions of a line. */
export interface Act extends MessageActions {
  goTo(seq: number): void
  retry(cid: string): void
  discard(cid: string): void
  /** The newest message is in view. */
  seen(): void
}

/**
 * A line that cannot be drawn is reported and shown as plain text, so that later lines are still
 * shown.
 */
export function drawLine(line: Line, room: Room, me: Author | undefined, act: Act): HTMLElement {
  try {
    return drawKind(line, room, me, act)
  } catch (error) {
    reportError(error)
    return drawPlain(line)
  }
}

function drawKind(line: Line, room: Room, me: Author | undefined, act: Act): HTMLElement {
  switch (line.kind) {
    case 'start':
      return rule(
        'start',
        room.log.oldest > 1
          ? 'Older messages are no longer available'
          : `This is the beginning of #${room.name}`,
      )
    case 'gap':
      return rule('gap', 'Some older messages are no longer available')
    case 'new':
      return rule('new', 'New')
    case 'day':
      return rule('day', dayOf(line.ts, line.age))
    case 'event':
      return drawEvent(line.item)
    case 'message':
      return drawMessage(line, room, me, act)
    case 'pending':
      return drawPending(line.pending, line.leads, room, me, act)
  }
}

function drawPlain(line: Line): HTMLElement {
  if (line.kind !== 'message' || line.item.entry.kind !== 'msg')
    return rule('plain', "This line can't be shown")
  const { entry, fold } = line.item
  const body = fold?.deleted ? 'Deleted' : (fold?.body ?? entry.data.body)
  const node = element('li', { className: 'message leads', tabIndex: -1 })
  node.dataset.seq = String(entry.seq)
  node.append(
    element('p', { className: 'head' }, makeVisible(entry.user.nick)),
    element('div', { className: 'body' }, makeVisible(body)),
  )
  return node
}

function rule(kind: string, words: string): HTMLElement {
  return element('li', { className: `rule ${kind}` }, element('span', {}, words))
}

function drawEvent({ entry }: Item): HTMLElement {
  const words = element('p', {}, nameOf(entry.user), ' ', ...eventOf(entry), ' ', time(entry.ts))
  const node = element('li', { className: 'event', tabIndex: -1 }, words)
  node.dataset.seq = String(entry.seq)
  return node
}

function drawMessage(
  { item, leads, quoted }: Line & { kind: 'message' | 'event' },
  room: Room,
  me: Author | undefined,
  act: Act,
): HTMLElement {
  const { entry, fold } = item
  if (entry.kind !== 'msg') return drawEvent(item)
  const isMine = entry.user.id === me?.id
  const node = element('li', { tabIndex: -1 })
  node.className = ['message', leads && 'leads', isMine && 'mine', entry.data.as && 'action']
    .filter(Boolean)
    .join(' ')
  node.dataset.seq = String(entry.seq)
  if (fold?.deleted)
    node.append(head(entry.user, entry.ts, leads), element('p', { className: 'deleted' }, 'Deleted'))
  else {
    const { reply } = entry.data
    node.append(head(entry.user, entry.ts, leads))
    if (reply !== undefined) node.append(drawReply(reply, quoted, act))
    const body = element('div', { className: 'body' })
    if (entry.data.as === 'me') body.append(nameOf(entry.user), ' ')
    body.append(richText(fold?.body ?? entry.data.body, room.names(me?.nick ?? ''), me?.nick ?? ''))
    if (fold?.edited)
      body.append(' ', element('span', { className: 'edited', title: momentOf(fold.edited) }, 'edited'))
    node.append(body)
    if (fold?.reactions) node.append(drawReactions(item, room, me, act))
  }
  if (isMine && !fold?.deleted) node.append(mark('✓', 'stored', 'Sent'))
  return node
}

/** The author is shown once for a group, and read aloud for each of its messages. */
function head(user: Author, ts: number, leads: boolean): HTMLElement {
  if (!leads)
    return element(
      'p',
      { className: 'head follows' },
      element('span', { className: 'hidden' }, nameOf(user)),
      time(ts),
    )
  return element('p', { className: 'head' }, avatarOf(user), nameOf(user), ' ', time(ts))
}

function time(ts: number): HTMLElement {
  return element('time', { dateTime: new Date(ts).toISOString(), title: momentOf(ts) }, timeOf(ts))
}

function mark(sign: string, kind: string, words: string): HTMLElement {
  const shown = element('span', { title: words }, sign)
  shown.ariaHidden = 'true'
  return element(
    'span',
    { className: `mark ${kind}` },
    shown,
    element('span', { className: 'hidden' }, words),
  )
}

function drawReply(seq: number, target: Item | undefined, act: Act): HTMLElement {
  const made = button('', 'reply', () => act.goTo(seq))
  made.append('↳ ')
  if (target?.entry.kind !== 'msg') made.append('an earlier message')
  else {
    const body = target.fold?.deleted ? 'Deleted' : (target.fold?.body ?? target.entry.data.body)
    made.append(nameOf(target.entry.user), ' ', isolated(beginningOf(body, 120)))
  }
  return made
}

function drawReactions({ entry, fold }: Item, room: Room, me: Author | undefined, act: Act): HTMLElement {
  const all = element('p', { className: 'reactions' })
  for (const [emoji, ids] of Object.entries(fold?.reactions ?? {})) {
    const chip = button('', 'chip', () => act.react(entry.seq, emoji))
    chip.append(isolated(emoji), ` ${ids.length}`)
    chip.ariaPressed = String(ids.includes(me?.id ?? ''))
    const names = ids
      .map(id => (id === me?.id ? 'you' : (room.members?.get(id)?.nick ?? 'someone')))
      .slice(0, 20)
    chip.title = names.map(isolate).join(', ')
    all.append(chip)
  }
  return all
}

function drawPending(
  pending: Pending,
  leads: boolean,
  room: Room,
  me: Author | undefined,
  act: Act,
): HTMLElement {
  const node = element('li', {
    className: `message mine pending ${pending.t} ${pending.state} ${leads ? 'leads' : ''}`,
  })
  const { cid } = pending.fields
  if (me) node.append(head(me, pending.ts, leads))
  node.append(
    element(
      'div',
      { className: 'body' },
      pending.t === 'send' ? richText(pending.fields.body, room.names(me?.nick ?? ''), '') : wordsOf(pending),
    ),
  )
  if (pending.state === 'queued') node.append(mark('○', 'queued', 'Sending…'))
  else if (pending.state === 'stored') node.append(mark('✓', 'stored', 'Sent'))
  else {
    const why = element(
      'span',
      {},
      "Couldn't send: ",
      isolated(sentence(pending.why ?? 'the chat refused it')),
      ' ',
    )
    const again = button('Try again', 'quiet', () => act.retry(cid))
    const away = button('Discard', 'quiet', () => act.discard(cid))
    node.append(mark('!', 'failed', 'Failed'), element('p', { className: 'error' }, why, again, away))
  }
  return node
}

function wordsOf(pending: Pending): HTMLElement {
  const words = {
    send: '',
    edit: 'Your edit of a message',
    del: 'Your deletion of a message',
    react: 'Your reaction',
    topic: 'Your new topic',
  }
  return element('p', {}, words[pending.t])
}
