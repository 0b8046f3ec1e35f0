// @ts-check
// The page's behaviour: sends what you give it over one WebSocket, shows what comes back, compares and times it.
// Knows the elements of index.html; refuses to know how they look. Whatever was received is shown as text, never as HTML.

/** @typedef {string | Uint8Array<ArrayBuffer>} Data */

/**
 * A message on its way: the server answers in order, so the oldest of these belongs to the next message received.
 * @typedef {{ data: Data, size: number, name: string, at: number, facts: Element }} Sent
 */

const HOST = `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}`

/** Older entries leave the log: a page that is left open must not grow for ever. */
const LOG_ENTRIES = 200
const SHOWN_CHARACTERS = 1000
const SHOWN_LINES = 20
const SHOWN_BYTES = 16

/** What the close codes say, in a few words (RFC 6455 §7.4.1 and the IANA registry). */
const CLOSE_CODES = new Map([
  [1000, 'normal closure'],
  [1001, 'going away'],
  [1002, 'protocol error'],
  [1003, 'unsupported data'],
  [1005, 'no code given'],
  [1006, 'connection lost'],
  [1007, 'invalid data'],
  [1008, 'policy violation'],
  [1009, 'message too big'],
  [1010, 'extension missing'],
  [1011, 'server error'],
  [1012, 'service restart'],
  [1013, 'try again later'],
  [1014, 'bad gateway'],
  [1015, 'TLS handshake failed'],
])

/** @type {Record<string, () => Data>} */
const SAMPLES = {
  hello: () => 'Hello, world',
  scripts: () => 'Grüße · привет · שלום · नमस्ते · 你好 · 👩🏽‍🚀',
  bytes: () => randomBytes(2 ** 20),
}

const log = find('log', HTMLElement)
const entries = find('entries', HTMLElement)
const empty = find('empty', HTMLElement)
const newest = find('newest', HTMLButtonElement)
const state = find('state', HTMLElement)
const detail = find('detail', HTMLElement)
const dot = find('dot', HTMLElement)
const switchButton = find('switch', HTMLButtonElement)
const target = find('target', HTMLFormElement)
const path = find('path', HTMLInputElement)
const protocols = find('protocols', HTMLInputElement)
const paths = find('paths', HTMLElement)
const samples = find('samples', HTMLElement)
const composer = find('composer', HTMLFormElement)
const text = find('text', HTMLTextAreaElement)
const files = find('files', HTMLInputElement)
const drop = find('drop', HTMLElement)
const copy = find('copy', HTMLButtonElement)
const snippet = find('snippet', HTMLElement)

const count = new Intl.NumberFormat('en')
const oneDigit = new Intl.NumberFormat('en', { maximumFractionDigits: 1 })
const calm = matchMedia('(prefers-reduced-motion: reduce)')

/** @type {Sent[]} */
let waiting = []
/** Whether the log keeps to its newest entry; not while someone reads further up. */
let following = true
/** Entries for the next frame of the screen. */
const arriving = document.createDocumentFragment()
/** Whether entries are about to be added, and the log to be scrolled. */
let isScrollDue = false
let isRippling = false
readTarget()
let socket = connect()

// The target: a path of this server, and subprotocols. They are in the page's own address, so that a
// set-up can be shared.

function readTarget() {
  const given = new URLSearchParams(location.search)
  path.value = given.get('path') ?? '/'
  protocols.value = given.get('protocols') ?? ''
}

function writeTarget() {
  const given = new URLSearchParams()
  if (pathOf() !== '/') given.set('path', pathOf())
  if (protocolsOf().length > 0) given.set('protocols', protocolsOf().join(','))
  history.replaceState(null, '', given.size === 0 ? '/' : `/?${given}`)
}

function pathOf() {
  const trimmed = path.value.trim()
  return trimmed.startsWith('/') ? trimmed : `/${trimmed}`
}

function protocolsOf() {
  return protocols.value.split(/[\s,]+/).filter(name => name !== '')
}

/** The address as a person writes it: without the slash of the root. */
function addressOf() {
  return `${HOST}${pathOf() === '/' ? '' : pathOf()}`
}

target.addEventListener('submit', event => {
  event.preventDefault()
  reconnect()
})

paths.addEventListener('click', event => {
  const button = event.target instanceof Element ? event.target.closest('button') : null
  if (button?.dataset.path === undefined) return
  path.value = button.dataset.path
  paths.hidePopover()
  reconnect()
})

/** Leaves the connection for a new one to the target. */
function reconnect() {
  writeTarget()
  const previous = socket
  const wasOpen = previous.readyState === WebSocket.OPEN
  socket = connect()
  previous.close()
  if (wasOpen && empty.hidden) addEvent('Left for another connection')
  giveUpWaiting()
}

// The connection

function connect() {
  const address = addressOf()
  showSnippet(address)
  const opening = open(address)
  let opened = false
  opening.binaryType = 'arraybuffer'
  opening.addEventListener('open', () => {
    if (opening !== socket) return
    opened = true
    const chosen = opening.protocol === '' ? '' : `, subprotocol ${opening.protocol}`
    showState('open', 'Open', `${address}${chosen}`, 'Close')
    if (empty.hidden) addEvent(`Connected${chosen}`)
  })
  opening.addEventListener('message', ({ data }) => {
    const now = performance.now()
    if (opening === socket) receive(typeof data === 'string' ? data : new Uint8Array(data), now)
  })
  opening.addEventListener('close', ({ code, reason }) => {
    if (opening !== socket) return
    giveUpWaiting()
    if (opened) showClosed([code, CLOSE_CODES.get(code), reason && `“${reason}”`])
    else void explainFailure(opening, code, address)
  })
  showState('connecting', 'Connecting', `to ${address}`, 'Cancel')
  return opening
}

/**
 * A subprotocol that is not a token throws: then the connection is made without any.
 * @param {string} address
 */
function open(address) {
  try {
    return new WebSocket(address, protocolsOf())
  } catch {
    addEvent(`Not subprotocols: ${protocols.value}`)
    return new WebSocket(address)
  }
}

/**
 * A browser does not say why a handshake failed. Whether the server answers at all can be asked.
 * @param {WebSocket} failed
 * @param {number} code
 * @param {string} address
 */
async function explainFailure(failed, code, address) {
  showClosed([code, 'not connected'])
  const answers = await fetch('/healthz', { cache: 'no-store' }).then(
    () => true,
    () => false,
  )
  if (failed !== socket) return
  const meaning = answers
    ? `the server did not accept the handshake for ${address}`
    : `no answer from ${HOST}`
  showClosed([code, meaning])
}

/** @param {(string | number | undefined)[]} facts */
function showClosed(facts) {
  const words = facts.filter(Boolean).join(', ')
  const isNews = words !== detail.textContent
  showState('closed', 'Closed', words, 'Reconnect')
  if (isNews && empty.hidden) addEvent(`Closed: ${words}`)
}

/** What was sent and is not back never will be. */
function giveUpWaiting() {
  for (const { facts } of waiting) {
    facts.classList.add('answered')
    addFact(facts, 'never came back', 'bad')
  }
  waiting = []
}

/**
 * @param {'connecting' | 'open' | 'closing' | 'closed'} name
 * @param {string} word
 * @param {string} more
 * @param {string} action what the button beside it does
 */
function showState(name, word, more, action) {
  document.body.dataset.state = name
  state.textContent = word
  detail.textContent = more
  switchButton.textContent = action
  switchButton.ariaDisabled = String(name === 'closing')
}

switchButton.addEventListener('click', () => {
  if (socket.readyState === WebSocket.CLOSED) {
    socket = connect()
    text.focus()
  } else if (socket.readyState !== WebSocket.CLOSING) {
    socket.close(1000)
    showState('closing', 'Closing', 'waiting for the server’s Close frame', 'Close')
  }
})

/** Without a connection the way to one is offered: the button that reconnects gets the focus. */
function isOpen() {
  if (socket.readyState === WebSocket.OPEN) return true
  switchButton.focus()
  return false
}

// Messages

/**
 * @param {Data} data
 * @param {string} [name] of the file that it was
 */
function send(data, name = '') {
  const size = sizeOf(data)
  const facts = addMessage('sent', data, name, size)
  following = true
  showNewest()
  waiting.push({ data, size, name, facts, at: performance.now() })
  socket.send(data)
}

/**
 * @param {Data} data
 * @param {number} now
 */
function receive(data, now) {
  const sent = waiting.shift()
  if (sent === undefined) {
    const facts = addMessage('received', data, '', sizeOf(data))
    // Other paths send by themselves.
    if (pathOf() === '/') addFact(facts, 'not an echo: nothing was on its way', 'bad')
  } else {
    const fault = difference(sent.data, data)
    const facts = addMessage('received', data, sent.name, fault === '' ? sent.size : sizeOf(data))
    addFact(facts, duration(now - sent.at), 'time')
    addFact(facts, fault === '' ? 'identical' : `not what was sent: ${fault}`, fault === '' ? 'good' : 'bad')
    sent.facts.classList.add('answered')
  }
  ripple()
  showNewest()
}

/**
 * How what came back differs from what was sent, in words; empty if it does not.
 * @param {Data} sent
 * @param {Data} received
 */
function difference(sent, received) {
  if (sent === received) return ''
  if (typeof sent !== typeof received) return `${kindOf(sent)} went out, ${kindOf(received)} came back`
  const shorter = Math.min(sent.length, received.length)
  let same = 0
  while (same < shorter && sent[same] === received[same]) same++
  if (same === sent.length && same === received.length) return ''
  const unit = typeof sent === 'string' ? 'character' : 'byte'
  const lengths = `${count.format(sent.length)} ${unit}s went out, ${count.format(received.length)} came back`
  const first = `the first difference is at ${unit} ${count.format(same + 1)}`
  return sent.length === received.length ? first : `${lengths}; ${first}`
}

// What is given to be sent

composer.addEventListener('submit', event => {
  event.preventDefault()
  if (!isOpen()) return
  // As the socket would do by itself: half a surrogate pair has no UTF-8, and would not come back as it was.
  send(text.value.toWellFormed())
  text.value = ''
  focusText()
})

/** A focus that does not change would measure the whole page again. */
function focusText() {
  if (document.activeElement !== text) text.focus()
}

text.addEventListener('keydown', event => {
  // Enter also ends the composition of a word (Japanese, Chinese): that one is not ours.
  if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return
  event.preventDefault()
  composer.requestSubmit()
})

text.addEventListener('paste', event => {
  const pasted = event.clipboardData?.files
  if (!pasted?.length) return
  event.preventDefault()
  void sendFiles([...pasted])
})

find('attach', HTMLButtonElement).addEventListener('click', () => files.click())
files.addEventListener('change', () => {
  void sendFiles([...(files.files ?? [])])
  files.value = '' // so that the same file can be chosen again
  text.focus()
})

for (const button of document.querySelectorAll('button[data-sample]')) {
  button.addEventListener('click', () => {
    if (!(button instanceof HTMLButtonElement)) return
    samples.hidePopover()
    const sample = SAMPLES[button.dataset.sample ?? '']
    if (sample && isOpen()) send(sample())
    text.focus()
  })
}

/**
 * One binary message for each file, in order.
 * @param {File[]} chosen
 */
async function sendFiles(chosen) {
  for (const file of chosen) {
    try {
      const data = new Uint8Array(await file.arrayBuffer())
      if (!isOpen()) return addEvent(`Not sent, for there is no connection: ${file.name}`)
      send(data, file.name)
    } catch {
      addEvent(`Could not be read: ${file.name}`) // a folder, or gone, or beyond what one buffer holds
    }
  }
}

addEventListener('dragover', event => {
  if (!event.dataTransfer?.types.includes('Files')) return
  event.preventDefault()
  event.dataTransfer.dropEffect = 'copy'
  drop.hidden = false
})
addEventListener('dragleave', event => {
  if (event.relatedTarget === null) drop.hidden = true
})
addEventListener('drop', event => {
  drop.hidden = true
  if (!event.dataTransfer?.types.includes('Files')) return
  event.preventDefault()
  void sendFiles([...event.dataTransfer.files])
})

// The log

/**
 * @param {'sent' | 'received'} direction
 * @param {Data} data
 * @param {string} name
 * @param {number} size in bytes
 * @returns {Element} where more facts about the message go
 */
function addMessage(direction, data, name, size) {
  const entry = addEntry('message')
  const content = entry.querySelector('.content')
  const facts = entry.querySelector('.facts')
  if (!content || !facts) throw new TypeError('the template of a message lacks its parts')
  entry.classList.add(direction)
  if (typeof data === 'string') showText(content, data)
  else showBytes(content, data, name)
  const words = pathOf() === '/' ? 'Came back' : 'Received'
  addFact(facts, direction === 'sent' ? 'Sent' : words, 'direction')
  addFact(facts, kindOf(data), 'kind')
  addFact(facts, sizeInWords(size), 'size')
  return facts
}

/** @param {string} words */
function addEvent(words) {
  addEntry('event').textContent = words
  showNewest()
}

/** @param {string} template */
function addEntry(template) {
  const copied = document.importNode(find(template, HTMLTemplateElement).content, true)
  const entry = copied.firstElementChild
  if (!entry) throw new TypeError(`the template ${template} is empty`)
  arriving.append(entry)
  while (arriving.childElementCount > LOG_ENTRIES) arriving.firstElementChild?.remove()
  empty.hidden = true
  showNewest()
  return entry
}

/**
 * @param {Element} facts
 * @param {string} words
 * @param {string} kind
 */
function addFact(facts, words, kind) {
  if (facts.hasChildNodes()) facts.append('\u00a0· ') // a line never starts with the dot
  facts.append(span(kind, words))
}

/**
 * @param {Element} content
 * @param {string} data
 */
function showText(content, data) {
  const shown = excerpt(data)
  const paragraph = document.createElement('p')
  paragraph.dir = 'auto'
  paragraph.textContent = shown
  if (shown === '') paragraph.append(span('nothing', 'empty text'))
  content.append(paragraph)
  if (shown.length === data.length) return
  const [some, all] = [count.format(shown.length), count.format(data.length)]
  content.append(span('cut', `The first ${some} of ${all} characters`))
}

/**
 * @param {Element} content
 * @param {Uint8Array} data
 * @param {string} name
 */
function showBytes(content, data, name) {
  content.classList.add('binary')
  if (name !== '') content.append(span('name', name))
  if (data.length === 0) return content.append(span('nothing', 'no bytes'))
  const code = document.createElement('code')
  const pairs = Array.from(data.subarray(0, SHOWN_BYTES), byte => byte.toString(16).padStart(2, '0'))
  if (data.length > SHOWN_BYTES) pairs.push('…')
  // Two groups, so that a narrow window breaks the line in the middle.
  code.append(span('group', pairs.slice(0, 8).join(' ')), ' ', span('group', pairs.slice(8).join(' ')))
  content.append(code)
}

/**
 * The beginning of a text, cut between characters and after some lines.
 * @param {string} data
 */
function excerpt(data) {
  const start = data.slice(0, SHOWN_CHARACTERS)
  const lines = start.split('\n').slice(0, SHOWN_LINES).join('\n')
  const half = lines.length < data.length && !lines.isWellFormed()
  return half ? lines.slice(0, -1) : lines
}

/** Once for each frame of the screen: laying out the log after each of many messages takes seconds. */
function showNewest() {
  if (isScrollDue) return
  isScrollDue = true
  requestAnimationFrame(() => {
    isScrollDue = false
    entries.append(arriving)
    while (entries.childElementCount > LOG_ENTRIES) entries.firstElementChild?.remove()
    if (following) log.scrollTop = log.scrollHeight
    newest.hidden = following
  })
}

log.addEventListener('scroll', () => {
  // Entries that have left the log move it too.
  if (isScrollDue) return
  following = log.scrollHeight - log.scrollTop - log.clientHeight < 40
  newest.hidden = following
})
new ResizeObserver(showNewest).observe(log)
newest.addEventListener('click', () => {
  following = true
  showNewest()
  text.focus()
})

/** A message arrives: a ring goes out from the dot, one at a time. */
function ripple() {
  if (calm.matches || isRippling) return
  const frames = { boxShadow: ['0 0 0 0 currentColor', '0 0 0 0.6rem transparent'] }
  isRippling = true
  dot.animate(frames, { duration: 700, easing: 'ease-out' }).addEventListener('finish', () => {
    isRippling = false
  })
}

// The line for any console

/** @param {string} address */
function showSnippet(address) {
  const quote = (/** @type {string} */ word) => `'${word.replaceAll("'", '%27')}'`
  const names = protocolsOf().map(quote)
  const more = names.length === 0 ? '' : `, [${names.join(', ')}]`
  snippet.textContent = `new WebSocket(${quote(address)}${more})`
}

copy.hidden = navigator.clipboard === undefined // plain http: from another machine has none
copy.addEventListener('click', () => {
  navigator.clipboard.writeText(snippet.textContent ?? '').then(
    () => showCopied('Copied'),
    () => showCopied('Not allowed'),
  )
})

/** @param {string} words */
function showCopied(words) {
  copy.textContent = words
  setTimeout(() => {
    copy.textContent = 'Copy'
  }, 1500)
}

// Words

/** @param {Data} data */
function kindOf(data) {
  return typeof data === 'string' ? 'text' : 'binary'
}

/**
 * In bytes; of a text, in UTF-8.
 * @param {Data} data
 */
function sizeOf(data) {
  return typeof data === 'string' ? new TextEncoder().encode(data).length : data.length
}

/** @param {number} size in bytes */
function sizeInWords(size) {
  const bytes = `${count.format(size)} ${size === 1 ? 'byte' : 'bytes'}`
  if (size < 2 ** 10) return bytes
  const short =
    size < 2 ** 20 ? `${oneDigit.format(size / 2 ** 10)} KiB` : `${oneDigit.format(size / 2 ** 20)} MiB`
  return `${short} (${bytes})`
}

/**
 * Browsers round their clock to 0.1 ms.
 * @param {number} milliseconds
 */
function duration(milliseconds) {
  if (milliseconds < 0.1) return 'under 0.1 ms'
  if (milliseconds < 10) return `${oneDigit.format(milliseconds)} ms`
  return milliseconds < 1000 ? `${Math.round(milliseconds)} ms` : `${(milliseconds / 1000).toFixed(2)} s`
}

/** @param {number} length */
function randomBytes(length) {
  const bytes = new Uint8Array(length)
  // The source gives at most 64 KiB at once.
  for (let i = 0; i < length; i += 2 ** 16) crypto.getRandomValues(bytes.subarray(i, i + 2 ** 16))
  return bytes
}

/**
 * @param {string} kind
 * @param {string} words
 */
function span(kind, words) {
  const element = document.createElement('span')
  element.className = kind
  element.textContent = words
  return element
}

/**
 * @template {HTMLElement} T
 * @param {string} id
 * @param {new () => T} type
 * @returns {T}
 */
function find(id, type) {
  const element = document.getElementById(id)
  if (!(element instanceof type)) throw new TypeError(`the page has no ${type.name} named ${id}`)
  return element
}

// A keyboard that opens by itself would cover half of a phone.
if (matchMedia('(pointer: fine)').matches) text.focus()
