// The WebSocket of jsdom pages: texts, ArrayBuffer, Blob, subprotocols, cookies, closing, failing.

import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { CookieJar, JSDOM } from 'jsdom'
import { WebSocketServer } from 'ws'

const SCRIPT = `
  window.session = (url, protocols, type, messages) => new Promise(resolve => {
    const events = []
    const socket = new WebSocket(url, protocols)
    socket.binaryType = type
    const read = async data => typeof data === 'string' ? data
      : data instanceof Blob ? ['blob', data.size] : ['buffer', ...new Uint8Array(data)]
    let reading = Promise.resolve()
    socket.addEventListener('open', event => {
      events.push([event.type, socket.protocol, socket.extensions, socket.readyState])
      for (const message of messages) socket.send(message)
      events.push(['buffered', socket.bufferedAmount])
    })
    socket.onmessage = ({ type, data, origin }) => {
      reading = reading.then(async () => events.push([type, await read(data), origin === new URL(url).origin]))
    }
    socket.onerror = event => events.push([event.type, socket.readyState])
    socket.onclose = async ({ type, code, reason, wasClean }) => {
      await reading
      resolve([...events, [type, code, reason, wasClean, socket.readyState]])
    }
  })
  window.bytes = () => new Uint8Array([1, 2, 3])
  window.blob = () => new Blob(['four'])
  window.wrong = (url, protocols) => {
    try { new WebSocket(url, protocols) } catch (error) { return [error.name, error.message] }
  }`

export async function run(): Promise<unknown> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: true })
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const url = `ws://127.0.0.1:${port}`
  const requests: unknown[] = []
  server.on('connection', (socket, request) => {
    requests.push([request.headers.origin === `http://127.0.0.1:${port}`, request.headers.cookie])
    let count = 0
    socket.on('message', (data, isBinary) => {
      socket.send(data, { binary: isBinary })
      if (++count === 3) socket.close(4321, 'enough')
    })
  })
  const cookieJar = new CookieJar()
  cookieJar.setCookieSync('user=ann', `http://127.0.0.1:${port}/`)
  const { window } = new JSDOM(`<script>${SCRIPT}</script>`, {
    url: `http://127.0.0.1:${port}/`,
    runScripts: 'dangerously',
    cookieJar,
  })
  const page = window as unknown as Record<string, (...values: unknown[]) => unknown>
  const found = {
    buffers: await page.session!(url, [], 'arraybuffer', ['text é', page.bytes!(), 'x'.repeat(5000)]),
    blobs: await page.session!(url, ['one', 'two'], 'blob', [page.blob!(), page.bytes!(), '']),
    refused: await page.session!('ws://127.0.0.1:1/', [], 'blob', []),
    wrong: [page.wrong!('http://?', []), page.wrong!(url, ['a', 'a']), page.wrong!(`${url}/#fragment`, [])],
    requests,
  }
  window.close()
  const closed = once(server, 'close')
  server.close()
  await closed
  return JSON.parse(JSON.stringify(found))
}
