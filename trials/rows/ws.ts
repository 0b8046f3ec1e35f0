// The same rows, sent for real to `ws`, with its limits as near to ours as it has them; what came back, in a word. Judges nothing.

import type { Limits } from '@ws/protocol'
import { WebSocketServer } from 'ws'
import type { ByteRow } from './byte-row.ts'
import { byteRows } from './bytes.ts'
import { startHttp } from './carriers.ts'
import { headRows } from './heads.ts'
import { Ledger, pathOf, type Served } from './served.ts'
import { type Conversation, sendFrames, sendHead } from './visit.ts'

/** Milliseconds for an answer that may never come. */
const PATIENCE = 1000
/** Rows at a time. */
const AT_ONCE = 8

/** What became of one row. */
export interface Outcome {
  readonly name: string
  /** `same`, or a status, a Close code, `accepted`, `nothing` within a second. */
  readonly outcome: string
}

/** Sends all rows, over TCP and in one write. */
export async function runTheirs(): Promise<readonly Outcome[]> {
  return [...(await runHeads()), ...(await runFrames())]
}

async function runHeads(): Promise<Outcome[]> {
  const { http, port, close } = await startHttp('TCP', (_request, response) => {
    response.setHeader('Connection', 'close')
    response.end()
  })
  const server = new WebSocketServer({ server: http })
  server.on('connection', socket => socket.on('error', ignore))
  const outcomes = await mapAll(headRows, async ({ name, bytes, status, ordinary }) => {
    const answer = await sendHead('TCP', port, [bytes], PATIENCE)
    if (answer.status === (ordinary ? 200 : status)) return { name, outcome: 'same' }
    return { name, outcome: answer.status === 0 ? 'nothing' : String(answer.status) }
  })
  for (const socket of server.clients) socket.terminate()
  server.close()
  await close()
  return outcomes
}

async function runFrames(): Promise<Outcome[]> {
  await using served = await startTheirs()
  return await mapAll(byteRows, async row => {
    const target = served.targetFor(row.limits)
    const conversation = await sendFrames('TCP', served.port, target, row.offer, [row.bytes], PATIENCE)
    return { name: row.name, outcome: describe(row, conversation, served.toldOf(target).messages) }
  })
}

/** A server of theirs for each set of limits, on one HTTP server. */
async function startTheirs(): Promise<Served> {
  const ledger = new Ledger()
  const servers = new Map<string, WebSocketServer>()
  const host = await startHttp('TCP')
  host.http.on('upgrade', (request, transport, head) => {
    const target = request.url!
    servers.get(target.slice(0, target.indexOf('?')))!.handleUpgrade(request, transport, head, socket => {
      socket.on('error', ignore)
      socket.on('message', (data: Buffer, isBinary) =>
        ledger.message(target, isBinary ? data : data.toString()),
      )
    })
  })
  return {
    port: host.port,
    targetFor(limits) {
      const path = pathOf(limits)
      if (!servers.has(path)) servers.set(path, createTheirs(limits))
      return ledger.next(path)
    },
    toldOf: target => ledger.of(target),
    async [Symbol.asyncDispose]() {
      for (const server of servers.values()) for (const socket of server.clients) socket.terminate()
      await host.close()
    },
  }
}

/** Its fragments stay at its own default where a row has no limit of its own: that is what its users have. */
function createTheirs({ maxMessageSize = 2 ** 20, maxFragments }: Partial<Limits>): WebSocketServer {
  return new WebSocketServer({
    noServer: true,
    maxPayload: maxMessageSize,
    // For who offers it.
    perMessageDeflate: true,
    ...(maxFragments === undefined || maxFragments === 131_072 ? {} : { maxFragments }),
  })
}

/** The code of its Close says enough where it is another one; without a Close, whether it took what we refuse. */
function describe(
  { expected }: ByteRow,
  { pongs, close, end }: Conversation,
  told: readonly string[],
): string {
  if (close === undefined) {
    if (told.length > expected.told.length) return 'accepted'
    return end === 'nothing' ? 'nothing' : `${end} without a Close`
  }
  if (close.code !== expected.code) return String(close.code)
  if (end !== 'FIN') return `${close.code}, then ${end}`
  if (told.join() !== expected.told.join()) return 'other messages'
  return pongs.join() === expected.pongs.join() ? 'same' : 'other pongs'
}

async function mapAll<Item, Result>(
  items: readonly Item[],
  map: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = []
  const left = items.entries()
  const work = async (): Promise<void> => {
    for (const [i, item] of left) results[i] = await map(item)
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
  return results
}

function ignore(): void {}
