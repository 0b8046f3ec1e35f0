// The WebSocket, in a worker: its times are those of the network, however busy the page is.

import { difference } from './difference.ts'
import type { Data, FromWorker, ToWorker } from './messages.ts'

/** A message that may come back. */
interface Sent {
  readonly data: Data
  readonly at: number
}

/** Milliseconds without an echo after which a measurement ends. */
const PATIENCE = 5000

let socket: WebSocket | undefined

addEventListener('message', ({ data: order }: MessageEvent<ToWorker>) => {
  if (order.do === 'open') open(order.url, order.protocols)
  else if (order.do === 'measure') measure(order.url, order.count, order.size)
  else if (order.do === 'send') send(order.data)
  else socket?.close(order.code, order.reason)
})

/** What was sent on the present connection; the server of an echo answers in order. */
let waiting: Sent[] = []

function open(url: string, protocols: readonly string[]): void {
  socket?.close(1000)
  waiting = []
  let opening: WebSocket
  try {
    opening = new WebSocket(url, [...protocols])
  } catch (error) {
    socket = undefined
    tell({ kind: 'invalid', words: (error as Error).message })
    return
  }
  socket = opening
  let wasOpen = false
  opening.binaryType = 'arraybuffer'
  opening.addEventListener('open', () => {
    if (opening !== socket) return
    wasOpen = true
    tell({ kind: 'open', protocol: opening.protocol, extensions: opening.extensions })
  })
  opening.addEventListener('message', event => {
    const now = performance.now()
    if (opening !== socket) return
    const data: Data = typeof event.data === 'string' ? event.data : new Uint8Array(event.data)
    const sent = waiting.shift()
    const echo = sent && { time: now - sent.at, difference: difference(sent.data, data) }
    tell({ kind: 'message', data, echo })
  })
  opening.addEventListener('close', ({ code, reason }) => {
    if (opening === socket) tell({ kind: 'closed', code, reason, wasOpen, unanswered: waiting.length })
  })
}

function send(data: Data): void {
  if (socket?.readyState !== WebSocket.OPEN) return
  waiting.push({ data, at: performance.now() })
  socket.send(data)
}

function measure(url: string, count: number, size: number): void {
  const measured = new WebSocket(url)
  const times: number[] = []
  const text = 'x'.repeat(size)
  let sentAt = 0
  let timer = 0
  const next = (): void => {
    clearTimeout(timer)
    timer = setTimeout(() => measured.close(), PATIENCE)
    sentAt = performance.now()
    measured.send(text)
  }
  measured.addEventListener('open', next)
  measured.addEventListener('message', () => {
    times.push(performance.now() - sentAt)
    if (times.length < count) next()
    else measured.close()
  })
  measured.addEventListener('close', () => {
    clearTimeout(timer)
    tell({ kind: 'measured', times })
  })
}

function tell(message: FromWorker): void {
  postMessage(message)
}
