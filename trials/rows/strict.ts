// A program of its own for row L15: all rows about bytes and heads, over TCP and TLS, with nobody there to catch what the library might
// let go, in one write and cut at random. Run with `--unhandled-rejections=strict --throw-deprecation`; prints how many peers came. Judges no answer: the tests do.

import { WebSocketServer } from '@ws/server'
import { byteRows } from './bytes.ts'
import { CARRIERS, startHttp } from './carriers.ts'
import { cutsOf } from './cuts.ts'
import { headRows } from './heads.ts'
import { startOurs } from './served.ts'
import { sendFrames, sendHead } from './visit.ts'

/** Peers at a time. */
const AT_ONCE = 8

let peers = 0
for (const carrier of CARRIERS) {
  await using served = await startOurs(carrier)
  await visitAll(byteRows, async ({ limits, offer, bytes }) => {
    for (const { segments } of cutsOf(bytes).slice(0, 2)) {
      await sendFrames(carrier, served.port, served.targetFor(limits), offer, segments)
      peers++
    }
  })

  const server = new WebSocketServer()
  const { http, port, close } = await startHttp(carrier, (_request, response) => {
    response.setHeader('Connection', 'close')
    response.end()
  })
  server.attach(http)
  await visitAll(headRows, async ({ bytes }) => {
    for (const { segments } of cutsOf(bytes).slice(0, 2)) {
      await sendHead(carrier, port, segments)
      peers++
    }
  })
  await server.close({ timeout: 0 })
  await close()
}
console.log(`${peers} peers`)

async function visitAll<Row>(rows: readonly Row[], visit: (row: Row) => Promise<void>): Promise<void> {
  const left = rows.values()
  const visitor = async (): Promise<void> => {
    for (const row of left) await visit(row)
  }
  await Promise.all(Array.from({ length: AT_ONCE }, visitor))
}
