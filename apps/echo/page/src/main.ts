// The page of the echo server: wires the connection, the log and the views.

import { Connection } from './connection/connection.ts'
import { readTarget } from './connection/target.ts'
import type { FieldName } from './decode/fields.ts'
import { utf8 } from './decode/words.ts'
import type { Lesson } from './lessons/lessons.ts'
import { type Shown, Teacher } from './lessons/teacher.ts'
import type { Entry } from './log/entry.ts'
import { exportLog } from './log/export.ts'
import { Log } from './log/log.ts'
import { Composer } from './view/composer.ts'
import { ConnectionBar } from './view/connection-bar.ts'
import { decodeView } from './view/decode-view.ts'
import { find } from './view/element.ts'
import { flash, save } from './view/files.ts'
import { frameView } from './view/frame-view.ts'
import { handshakeView } from './view/handshake-view.ts'
import { lessonHead, lessonList } from './view/lessons-view.ts'
import { LogView } from './view/log-view.ts'
import { messageView } from './view/message-view.ts'
import { Panel } from './view/panel.ts'
import { TimingView } from './view/timing-view.ts'

/** Bytes of each fragment that the server sends for the composer. */
const FRAGMENT = 4

const log = new Log()
const panel = new Panel()
/** The number of the entry in the panel; 0 for another view. */
let shownId = 0
/** The lesson whose steps are in the panel. */
let lesson:
  | { readonly lesson: Lesson; readonly shown: readonly Shown[]; readonly current: number }
  | undefined

const connection: Connection = new Connection(readTarget(), log, {
  target: target => bar.showTarget(target),
  status: status => {
    bar.showStatus(status, connection.target)
    if (shownId === 0 && view === 'lessons') showLessons(false)
    const { observedUrl } = connection
    watch.hidden = observedUrl === undefined || navigator.clipboard === undefined
  },
  echo: echo => bar.showEcho(echo, connection.target),
  measured: times => timing.show(times),
})
const bar = new ConnectionBar(connection)
const logView = new LogView(log, entry => {
  lesson = undefined
  showEntry(entry, true)
})
const timing = new TimingView((count, size) => connection.measure(count, size))
const teacher = new Teacher(connection, log)

// The panel

let view: 'entry' | 'lessons' | 'timing' | 'decode' = 'lessons'

/** Shows the bytes of an entry; of a lesson, with its words above. */
function showEntry(entry: Entry, isAsked: boolean, highlight: readonly FieldName[] = []): void {
  if (entry.kind === 'event') return
  view = 'entry'
  shownId = entry.id
  const details =
    entry.kind === 'frame'
      ? frameView(entry, highlight)
      : entry.kind === 'handshake'
        ? handshakeView(entry.handshake)
        : messageView(entry)
  const head =
    lesson && lessonHead(lesson.lesson, lesson.shown, lesson.current, showStep, next => void perform(next))
  panel.show('entry', isAsked, ...(head === undefined ? [] : [head]), details)
  logView.select(entry.id)
}

function showLessons(isAsked: boolean): void {
  view = 'lessons'
  shownId = 0
  const hasFrames = connection.status.hasFrames !== false || connection.observedUrl !== undefined
  panel.show('lessons', isAsked, lessonList(hasFrames ? each => void perform(each) : undefined))
}

async function perform(chosen: Lesson): Promise<void> {
  lesson = { lesson: chosen, shown: [], current: 0 }
  await teacher.perform(chosen, shown => {
    if (lesson?.lesson !== chosen) return
    lesson = { ...lesson, shown: [...shown] }
    // The first step is shown; the others are offered.
    showStep(lesson.current)
  })
}

function showStep(index: number): void {
  if (lesson === undefined) return
  lesson = { ...lesson, current: index }
  const shown = lesson.shown[index]
  const entry = shown && log.find(shown.id)
  if (shown !== undefined && entry !== undefined) showEntry(entry, true, shown.step.highlight)
}

// An entry that is shown may get its response, or its decompressed message.
log.subscribe(entry => {
  if (entry?.id !== shownId || entry === undefined) return
  const step = lesson?.shown[lesson.current]
  showEntry(entry, false, step?.id === entry.id ? step.step.highlight : [])
})

for (const button of document.querySelectorAll<HTMLElement>('[data-panel]')) {
  button.addEventListener('click', () => {
    lesson = undefined
    if (button.dataset.panel === 'lessons') {
      showLessons(true)
      return
    }
    shownId = 0
    if (button.dataset.panel === 'timing') {
      view = 'timing'
      panel.show('timing', true, timing.element)
    } else {
      view = 'decode'
      const showDecoded = (id: number): void => {
        const entry = log.find(id)
        if (entry !== undefined) showEntry(entry, true)
      }
      panel.show('decode', true, decodeView(log, showDecoded))
    }
  })
}

// Sending

const composer = new Composer((data, kind) => {
  if (connection.status.state !== 'open') {
    bar.offerReconnect()
    return 'There is no open connection. Reconnect first.'
  }
  if (kind !== 'fragments') {
    connection.send(data)
    return undefined
  }
  const [type, bytes] =
    typeof data === 'string' ? (['text', utf8(data)] as const) : (['binary', data] as const)
  const isSent = connection.run({ do: 'send', type, data: bytes, size: FRAGMENT })
  return isSent ? undefined : 'Only the server can send fragments, on a connection that is recorded.'
})

find('ping', HTMLButtonElement).addEventListener('click', event => {
  if (connection.run({ do: 'ping', data: utf8('ping') })) return
  if (event.currentTarget instanceof HTMLButtonElement) flash(event.currentTarget, 'Not recorded')
})

// The tools of the log

find('clear', HTMLButtonElement).addEventListener('click', () => log.clear())
find('export', HTMLButtonElement).addEventListener('click', () =>
  save('websocket-log.json', exportLog(log.entries), 'application/json'),
)
const watch = find('watch', HTMLButtonElement)
watch.addEventListener('click', () => {
  navigator.clipboard.writeText(connection.observedUrl ?? '').then(
    () => flash(watch, 'Address copied'),
    () => flash(watch, 'Not allowed'),
  )
})

showLessons(false)
void connection.open(connection.target)
// A keyboard that opens by itself would cover half of a phone.
if (matchMedia('(pointer: fine)').matches) composer.focus()
