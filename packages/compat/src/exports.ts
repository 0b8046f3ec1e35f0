// Everything that the package exports, for programs that import it and for programs that require it:
// the class `WebSocket` has all exports as properties.

import type { IncomingMessage } from 'node:http'
import type { AddressInfo as NetAddress } from 'node:net'
import type { PerMessageDeflateOptions as DeflateOptions } from './compression.ts'
import type { EventListenerOptions as ListenerOptions } from './event-target.ts'
import type {
  CloseEventOf,
  ErrorEventOf,
  Data as EventData,
  EventMapOf,
  EventOf,
  MessageEventOf,
} from './events.ts'
import * as extension from './extension.ts'
import type {
  FinishRequest,
  VerifyClientCallbackAsync as VerifyAsync,
  VerifyClientCallbackSync as VerifySync,
} from './options.ts'
import { PerMessageDeflate } from './permessage-deflate.ts'
import { Receiver } from './receiver.ts'
import { Sender } from './sender.ts'
import { createWebSocketStream } from './stream.ts'
import * as subprotocol from './subprotocol.ts'
import {
  WebSocket as SocketClass,
  type ClientOptions as SocketClientOptions,
  type RawData as SocketData,
} from './web-socket.ts'
import { WebSocketServer, type ServerOptions as WebSocketServerOptions } from './web-socket-server.ts'

/** The exports of this module as properties of the class, for `require`. */
interface Exports {
  readonly WebSocket: WebSocketClass
  readonly WebSocketServer: typeof WebSocketServer
  /** The same as `WebSocketServer`. */
  readonly Server: typeof WebSocketServer
  readonly createWebSocketStream: typeof createWebSocketStream
  readonly PerMessageDeflate: typeof PerMessageDeflate
  readonly Receiver: typeof Receiver
  readonly Sender: typeof Sender
  readonly extension: typeof extension
  readonly subprotocol: typeof subprotocol
}

/** The class `WebSocket` with all exports as properties. */
export type WebSocketClass = typeof SocketClass & Exports

/** A WebSocket (RFC 6455), of a client or of a server. */
const WebSocket: WebSocketClass = Object.assign(SocketClass, {
  WebSocketServer,
  Server: WebSocketServer,
  createWebSocketStream,
  PerMessageDeflate,
  Receiver,
  Sender,
  extension,
  subprotocol,
}) as WebSocketClass
Object.assign(WebSocket, { WebSocket })

/** A WebSocket (RFC 6455), of a client or of a server. */
interface WebSocket extends SocketClass {}

/** The types that belong to a `WebSocket`. */
declare namespace WebSocket {
  type AddressInfo = NetAddress
  type CertMeta = string | string[] | Buffer | Buffer[]
  type ClientOptions = SocketClientOptions
  type CloseEvent = CloseEventOf<WebSocket>
  type Data = EventData
  type ErrorEvent = ErrorEventOf<WebSocket>
  type Event = EventOf<WebSocket>
  type EventListenerOptions = ListenerOptions
  type FinishRequestCallback = FinishRequest<WebSocket>
  type MessageEvent = MessageEventOf<WebSocket>
  type PerMessageDeflateOptions = DeflateOptions
  type RawData = SocketData
  type Server<
    T extends typeof SocketClass = typeof SocketClass,
    U extends typeof IncomingMessage = typeof IncomingMessage,
  > = WebSocketServer<T, U>
  type ServerOptions<
    U extends typeof SocketClass = typeof SocketClass,
    V extends typeof IncomingMessage = typeof IncomingMessage,
  > = WebSocketServerOptions<U, V>
  type VerifyClientCallbackAsync<Request extends IncomingMessage = IncomingMessage> = VerifyAsync<Request>
  type VerifyClientCallbackSync<Request extends IncomingMessage = IncomingMessage> = VerifySync<Request>
  type WebSocket = SocketClass
  type WebSocketEventMap = EventMapOf<WebSocket>
}

export type AddressInfo = WebSocket.AddressInfo
export type CertMeta = WebSocket.CertMeta
export type ClientOptions = WebSocket.ClientOptions
export type CloseEvent = WebSocket.CloseEvent
export type Data = WebSocket.Data
export type ErrorEvent = WebSocket.ErrorEvent
export type Event = WebSocket.Event
export type EventListenerOptions = WebSocket.EventListenerOptions
export type FinishRequestCallback = WebSocket.FinishRequestCallback
export type MessageEvent = WebSocket.MessageEvent
export type PerMessageDeflateOptions = WebSocket.PerMessageDeflateOptions
export type RawData = WebSocket.RawData
export type Server<
  T extends typeof SocketClass = typeof SocketClass,
  U extends typeof IncomingMessage = typeof IncomingMessage,
> = WebSocketServer<T, U>
export type ServerOptions<
  U extends typeof SocketClass = typeof SocketClass,
  V extends typeof IncomingMessage = typeof IncomingMessage,
> = WebSocket.ServerOptions<U, V>
export type WebSocketEventMap = WebSocket.WebSocketEventMap
export type VerifyClientCallbackAsync<Request extends IncomingMessage = IncomingMessage> =
  WebSocket.VerifyClientCallbackAsync<Request>
export type VerifyClientCallbackSync<Request extends IncomingMessage = IncomingMessage> =
  WebSocket.VerifyClientCallbackSync<Request>

export {
  createWebSocketStream,
  extension,
  PerMessageDeflate,
  Receiver,
  Sender,
  subprotocol,
  WebSocket,
  WebSocketServer,
}
