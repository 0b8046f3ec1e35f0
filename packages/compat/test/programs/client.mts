// A client with the events of Node and those of browsers, its options, and a stream.

import { once } from 'node:events'
import { Agent } from 'node:https'
import WebSocket, {
  type ClientOptions,
  type CloseEvent,
  createWebSocketStream,
  type Data,
  type MessageEvent,
} from 'ws'

const options: ClientOptions = {
  agent: new Agent({ keepAlive: true }),
  headers: { authorization: 'Bearer abc' },
  origin: 'https://example.com',
  followRedirects: true,
  maxRedirects: 3,
  handshakeTimeout: 5000,
  perMessageDeflate: false,
  protocolVersion: 13,
  rejectUnauthorized: false,
  skipUTF8Validation: true,
  allowSynchronousEvents: false,
  autoPong: true,
  maxPayload: 1024,
  ca: 'pem',
  cert: Buffer.from('pem'),
  family: 4,
  localAddress: '127.0.0.1',
  generateMask: mask => mask.fill(0),
  checkServerIdentity: (_host, _cert) => true,
  finishRequest: (request, socket) => {
    request.setHeader('x-url', socket.url)
    request.end()
  },
}

export class Connection extends WebSocket {
  constructor(url: string | URL) {
    super(url, ['a', 'b'], options)
    this.binaryType = 'arraybuffer'
  }

  override close(code = 1000, reason = 'bye'): void {
    super.close(code, reason)
  }
}

const socket = new WebSocket('wss://example.com', 'chat', { ...options, timeout: 1000 })
export const others = [
  new WebSocket('ws://a'),
  new WebSocket(new URL('ws://a'), options),
  new WebSocket(null),
]

socket.onopen = ({ target, type }) => target.send(type)
socket.onmessage = (event: MessageEvent) => {
  const data: Data = event.data
  console.log(typeof data === 'string' ? data : Buffer.isBuffer(data) ? data.length : data)
}
socket.onerror = ({ error, message }) => console.log(error.code, message)
socket.onclose = (event: WebSocket.CloseEvent) => console.log(event.code, event.reason, event.wasClean)
socket.onclose = null
socket.addEventListener('close', (event: CloseEvent) => console.log(event.code))
socket.addEventListener('message', ({ data }) => console.log(data), { once: true })
const listener = (event: WebSocket.ErrorEvent): void => console.log(event.message)
socket.addEventListener('error', listener)
socket.removeEventListener('error', listener)

socket.on('upgrade', response => console.log(response.headers['set-cookie']))
socket.on('unexpected-response', (request, response) => {
  console.log(response.statusCode, request.path)
  request.destroy()
})
socket.on('redirect', (url, request) => request.removeHeader(url))
socket.once('open', () => socket.send(new Float32Array(3)))
socket.on('ping', data => socket.pong(data))
socket.on('custom', (a, b) => console.log(a, b))
socket.off('error', console.error)
socket.removeListener('close', console.log)
socket.emit('custom', 1, 2)

await once(socket, 'open')
socket.send('text')
socket.send(
  Buffer.from('bytes'),
  { binary: true, compress: true, fin: false, mask: true },
  error => error?.message,
)
socket.send([1, 2, 3])
socket.send(5)
socket.send(new Uint8Array(3).buffer)
socket.send('text', {}, console.error)
if (socket.readyState === WebSocket.OPEN || socket.readyState === socket.CLOSING) socket.pause()
if (socket.isPaused) socket.resume()
const state: 0 | 1 | 2 | 3 = socket.readyState
console.log(state, socket.url, socket.protocol, WebSocket.CONNECTING)
socket.close(1000, Buffer.from('done'))
socket.terminate()

const stream = createWebSocketStream(socket, { encoding: 'utf8', decodeStrings: false })
stream.pipe(process.stdout)
process.stdin.pipe(stream)
for await (const chunk of stream) console.log(chunk)

export function isSocket(value: unknown): value is WebSocket {
  return value instanceof WebSocket
}
