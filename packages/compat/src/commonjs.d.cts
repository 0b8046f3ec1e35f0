// The types for programs that are CommonJS: `require` returns the class `WebSocket`, of which all
// exports are properties.

import type { IncomingMessage } from 'node:http'

import type * as all from './exports.ts'
import type { WebSocket as SocketClass } from './web-socket.ts'

/** A WebSocket (RFC 6455), of a client or of a server. */
declare const WebSocket: all.WebSocketClass
/** A WebSocket (RFC 6455), of a client or of a server. */
interface WebSocket extends all.WebSocket {}

/** The types of the properties, and those that belong to a `WebSocket`. */
declare namespace WebSocket {
  type AddressInfo = all.AddressInfo
  type CertMeta = all.CertMeta
  type ClientOptions = all.ClientOptions
  type CloseEvent = all.CloseEvent
  type Data = all.Data
  type ErrorEvent = all.ErrorEvent
  type Event = all.Event
  type EventListenerOptions = all.EventListenerOptions
  type FinishRequestCallback = all.FinishRequestCallback
  type MessageEvent = all.MessageEvent
  type PerMessageDeflate = all.PerMessageDeflate
  type PerMessageDeflateOptions = all.PerMessageDeflateOptions
  type RawData = all.RawData
  type Receiver = all.Receiver
  type Sender = all.Sender
  type Server<
    T extends typeof SocketClass = typeof SocketClass,
    U extends typeof IncomingMessage = typeof IncomingMessage,
  > = all.WebSocketServer<T, U>
  type ServerOptions<
    U extends typeof SocketClass = typeof SocketClass,
    V extends typeof IncomingMessage = typeof IncomingMessage,
  > = all.ServerOptions<U, V>
  type VerifyClientCallbackAsync<Request extends IncomingMessage = IncomingMessage> =
    all.VerifyClientCallbackAsync<Request>
  type VerifyClientCallbackSync<Request extends IncomingMessage = IncomingMessage> =
    all.VerifyClientCallbackSync<Request>
  type WebSocket = all.WebSocket
  type WebSocketEventMap = all.WebSocketEventMap
  type WebSocketServer<
    T extends typeof SocketClass = typeof SocketClass,
    U extends typeof IncomingMessage = typeof IncomingMessage,
  > = all.WebSocketServer<T, U>
}

export = WebSocket
