// A WebSocket server that rows are sent to: every peer has a target of its own, under which is written down what the server's user
// is told of it.

import { permessageDeflate } from '@ws/deflate'
import type { Limits } from '@ws/protocol'
import { type CloseInfo, type Handlers, WebSocketServer } from '@ws/server'
import { type Carrier, startHttp } from './carriers.ts'

/** What a server's user is told of one peer. */
export interface Told {
  /** `text: …`, or `binary: …` in hexadecimal. */
  readonly messages: string[]
  readonly reports: CloseInfo[]
}

/** A server, ours or another. */
export interface Served extends AsyncDisposable {
  readonly port: number
  /** A target of its own for a peer that these limits shall hold for. */
  targetFor(limits: Partial<Limits>): string
  /** What is known of the peer of that target. */
  toldOf(target: string): Told
}

/** What is told of each peer. */
export class Ledger {
  readonly #told = new Map<string, Told>()

  /** A further target below that path. */
  next(path: string): string {
    const target = `${path}?${this.#told.size}`
    this.#told.set(target, { messages: [], reports: [] })
    return target
  }

  of(target: string): Told {
    const told = this.#told.get(target)
    if (told === undefined) throw new Error(`nobody was sent to ${target}`)
    return told
  }

  message(target: string, data: string | Uint8Array): void {
    const text = typeof data === 'string' ? `text: ${data}` : `binary: ${Buffer.from(data).toString('hex')}`
    this.of(target).messages.push(text.trimEnd())
  }
}

/** The path at which those limits hold. */
export function pathOf({ maxMessageSize, maxFragments }: Partial<Limits>): string {
  return `/${maxMessageSize ?? 'default'}/${maxFragments ?? 'default'}`
}

/** Starts ours, attached to an HTTP server. Its options are as they are without any, but for compression, and where a row has limits. */
export async function startOurs(carrier: Carrier): Promise<Served> {
  const ledger = new Ledger()
  const paths = new Set<string>()
  const handlers: Handlers = {
    message: ({ path, search }, data) => ledger.message(`${path}${search}`, data),
    close: ({ path, search }, report) => void ledger.of(`${path}${search}`).reports.push(report),
  }
  const server = new WebSocketServer({ extensions: [permessageDeflate()] })
  const host = await startHttp(carrier)
  server.attach(host.http)
  return {
    port: host.port,
    targetFor(limits) {
      const path = pathOf(limits)
      if (!paths.has(path)) server.route(path, { ...limits, ...handlers })
      paths.add(path)
      return ledger.next(path)
    },
    toldOf: target => ledger.of(target),
    async [Symbol.asyncDispose]() {
      await server.close({ timeout: 0 })
      await host.close()
    },
  }
}
