// Opens a single WebSocket on a transport whose opening handshake is over. All that a process opens
// share one clock and one set of counters.

import type { Duplex } from 'node:stream'
import type { Extension, Message, Role } from '@ws/protocol'
import { Connection } from './connection.ts'
import type { ConnectionOwner } from './connection-owner.ts'
import { ConnectionSet } from './connection-set.ts'
import { ConnectionCounters } from './counters.ts'
import {
  CONNECTION_HANDLER_NAMES,
  type ConnectionHandlers,
  type RequireFormat,
  resolveHandlers,
} from './handlers.ts'
import { takeOwnership } from './node/transport.ts'
import { checkNames } from './options/check.ts'
import {
  CONNECTION_OPTIONS,
  type ConnectionOptions,
  DEFAULT_CONNECTION_SETTINGS,
  shortestDeadline,
} from './options/connection-options.ts'
import { checkOptionNames, resolveOptions } from './options/option.ts'
import { ConnectionSocket, type Socket, type SocketHandshake } from './socket.ts'

/** The handlers and options of one socket, and the results of its opening handshake. */
export interface OpenSocketOptions<Data = undefined, Value = Message>
  extends ConnectionHandlers<Socket<Data>, Value>,
    ConnectionOptions {
  /** The socket's `data`. */
  readonly data?: Data
  /** Bytes that were received after the end of the opening handshake. */
  readonly head?: Uint8Array
  /** The negotiated extension. */
  readonly extension?: Extension
  /**
   * The properties of the socket that its opening handshake determines; empty by default, but
   * `extensions` is the name of the extension.
   */
  readonly handshake?: Partial<SocketHandshake>
}

/** Makes `data` required where its type does not admit undefined. */
type RequireData<Data> = undefined extends Data ? unknown : { readonly data: unknown }

const OTHER_OPTIONS = ['format', ...CONNECTION_HANDLER_NAMES, 'data', 'head', 'extension', 'handshake']
const NO_HANDSHAKE: SocketHandshake = {
  path: '',
  search: '',
  origin: undefined,
  protocol: '',
  extensions: '',
  remoteAddress: '',
  request: undefined,
}

const connections = new ConnectionSet<Connection<Socket>>(shortestDeadline(DEFAULT_CONNECTION_SETTINGS))
let lastId = 0

const counters = new ConnectionCounters()

/** The counters of all sockets that this process has opened with `openSocket`. */
export const socketCounters: Readonly<ConnectionCounters> = counters

const owner: ConnectionOwner<Connection<Socket>> = {
  counters,
  sessionStarted() {},
  roomAvailable() {},
  connectionClosed() {},
  connectionFinished: connection => connections.delete(connection),
}

/**
 * Opens a WebSocket, and calls its `open` handler, before it returns. Throws a `TypeError` or a
 * `RangeError` for a wrong option, and an `Error` for a transport that has been used before.
 */
export function openSocket<Data = undefined, Value = Message>(
  role: Role,
  transport: Duplex,
  options: OpenSocketOptions<Data, Value> & RequireData<Data> & RequireFormat<Value> = {} as never,
): Socket<Data> {
  checkOptionNames(CONNECTION_OPTIONS, options, OTHER_OPTIONS)
  const settings = resolveOptions(CONNECTION_OPTIONS, options, DEFAULT_CONNECTION_SETTINGS)
  const given = options as unknown as ConnectionHandlers<Socket>
  const handlers = resolveHandlers(given, CONNECTION_HANDLER_NAMES, settings)
  const { extension, data, head = new Uint8Array(0) } = options
  const handshake = { ...NO_HANDSHAKE, extensions: extension?.name ?? '', ...options.handshake }
  checkNames(handshake, Object.keys(NO_HANDSHAKE), 'property of the handshake')
  takeOwnership(transport)
  const connection = new Connection<Socket>({
    role,
    transport,
    config: { settings, handlers, errorHandler: handlers.error },
    extension,
    owner,
  })
  const socket = new ConnectionSocket(connection, handshake, ++lastId, data as Data)
  connections.serve(shortestDeadline(settings))
  connections.add(connection)
  connection.open(socket, head)
  return socket
}
