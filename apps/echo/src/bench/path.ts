// A path of the bench: its parameters, and its behavior. Any part that is left out is an echo.

import type { HeadersLike, Message, RouteOptions } from '@ws/server'
import type { Parameters, ValuesOf } from './query.ts'
import type { Visit } from './visit.ts'

/** The answer to a request: a rejection, headers of the 101, or nothing in particular. */
type UpgradeAnswer = Response | { readonly headers: HeadersLike } | undefined

/** A path, with the type of its parameters. */
export interface BenchPath<Table extends Parameters = Parameters> {
  /** As `server.route` takes it: `/room/:name`. */
  readonly route: string
  /** For the list of paths: `/room/NAME`. */
  readonly usage: string
  /** One sentence for the list of paths. */
  readonly about: string
  /** Besides those of delivery. */
  readonly parameters: Table
  /** Options of the connection that differ from those of the server. */
  readonly options?: Pick<RouteOptions, 'autoPong' | 'pingInterval' | 'shareTransport'>
  /** Throws a `ValueError` for values that are wrong together. The request is then answered 400. */
  readonly upgrade?: (visit: Visit<ValuesOf<Table>>) => UpgradeAnswer | Promise<UpgradeAnswer>
  /** Called when the WebSocket is open; messages do not wait for it. */
  readonly open?: (visit: Visit<ValuesOf<Table>>) => unknown
  /** Called for each message, in order. */
  readonly message?: (visit: Visit<ValuesOf<Table>>, message: Message) => unknown
  /** Called at the end of `--max-duration`. By default the WebSocket is closed with 1008. */
  readonly expire?: (visit: Visit<ValuesOf<Table>>) => void
}

/** Declares a path; the types of its values are those of its table. */
export function definePath<const Table extends Parameters>(path: BenchPath<Table>): BenchPath {
  return path as unknown as BenchPath
}

/** The default `message`. */
export function echo(visit: Visit, message: Message): unknown {
  return visit.sender.enqueue(message)
}

/** A `message` for paths that only send. */
export function ignore(): void {}
