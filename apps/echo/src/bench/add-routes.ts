// Adds the paths of the bench to a server.

import type { Socket as TcpSocket } from 'node:net'
import type { Message, Upgraded, UpgradeRequest, WebSocketServer } from '@ws/server'
import type { Inspection } from '../inspection/inspection.ts'
import type { Recording } from '../inspection/recording.ts'
import { DELIVERY, isPlain } from './delivery.ts'
import type { BenchLimits } from './limits.ts'
import { type BenchPath, echo } from './path.ts'
import { readQuery } from './query.ts'
import { chooseSubprotocol, type SubprotocolPolicy } from './subprotocol.ts'
import { ValueError } from './values.ts'
import { Visit } from './visit.ts'

/** How the paths are served. */
export interface BenchSettings {
  readonly limits: BenchLimits
  readonly subprotocol: SubprotocolPolicy
  readonly inspection: Inspection
  /** Called with the TCP connection of each WebSocket that opens, whose bytes it can then read. */
  readonly watch?: ((transport: TcpSocket, id: number) => void) | undefined
}

/** Milliseconds by which a handshake may outlast `maxDuration`: the path itself is to end it. */
const GRACE = 10_000

/** The data of a socket. */
interface Data {
  /** Undefined for a plain echo. */
  readonly visit: Visit | undefined
  /** Undefined unless it is watched. */
  readonly watched: TcpSocket | undefined
  /** Undefined unless a page observes it. */
  readonly recording: Recording | undefined
}

type Decision = Upgraded<Data> | Response

/** Adds one route for each path. */
export function addRoutes(
  server: WebSocketServer,
  paths: readonly BenchPath[],
  settings: BenchSettings,
): void {
  for (const path of paths) addRoute(server, path, settings)
}

function addRoute(server: WebSocketServer, path: BenchPath, settings: BenchSettings): void {
  const { limits, subprotocol, watch, inspection } = settings
  const receive = path.message ?? echo
  server.route<string, Data>(path.route, {
    ...path.options,
    ...(watch !== undefined && { shareTransport: true }),
    handshakeTimeout: limits.maxDuration + GRACE,
    upgrade(request: UpgradeRequest): Decision | Promise<Decision> {
      const protocol = chooseSubprotocol(subprotocol, request.protocols)
      const watched = watch && request.raw.socket
      if (path.route === '/' && request.search === '') {
        return { data: { visit: undefined, watched, recording: undefined }, ...(protocol && { protocol }) }
      }
      return welcome(path, request, limits, protocol, watched, inspection)
    },
    open(socket) {
      const { visit, watched, recording } = socket.data
      recording?.open(socket)
      if (watched !== undefined) watch?.(watched, socket.id)
      if (visit === undefined) return
      const expire = (): void => {
        if (path.expire !== undefined) path.expire(visit)
        else socket.close(1008, `the connection has lasted ${limits.maxDuration / 1000} s`)
      }
      visit.open(socket, expire)
      void run(path, visit)
    },
    message(socket, message: Message) {
      const { visit } = socket.data
      // Where the peer reads more slowly than it sends, its next message waits for this one.
      if (visit === undefined) return socket.send(message) || socket.ready
      return visit.receive(message) ? receive(visit, message) : undefined
    },
    close: socket => socket.data.visit?.end(),
  })
}

/** Reads the query, and lets the path decide. A wrong value is answered 400. */
async function welcome(
  path: BenchPath,
  request: UpgradeRequest,
  limits: BenchLimits,
  protocol: string | undefined,
  watched: TcpSocket | undefined,
  inspection: Inspection,
): Promise<Decision> {
  try {
    const recording = inspection.record(request)
    const values = readQuery(request.search, { ...path.parameters, ...DELIVERY })
    if (values.inspect !== undefined && recording === undefined)
      throw new ValueError('inspect must be the id of an open page that records few other connections')
    const choices = {
      ...(protocol && { protocol }),
      ...(values.compress === false && { extensions: [] }),
    }
    if (path.route === '/' && isPlain(request.search)) {
      return { data: { visit: undefined, watched, recording }, ...choices }
    }
    const visit = new Visit({ request, query: values, delivery: values, limits, protocol })
    const answer = await path.upgrade?.(visit)
    if (answer instanceof Response) return answer
    return { data: { visit, watched, recording }, ...choices, ...answer }
  } catch (error) {
    if (error instanceof ValueError) return new Response(`${error.message}\n`, { status: 400 })
    throw error
  }
}

/** Runs `open`. A connection that ends meanwhile is no failure. */
async function run(path: BenchPath, visit: Visit): Promise<void> {
  try {
    await path.open?.(visit)
  } catch (error) {
    if (visit.signal.aborted || visit.socket.state !== 'open') return
    console.error(error)
    visit.socket.close(1011)
  }
}
