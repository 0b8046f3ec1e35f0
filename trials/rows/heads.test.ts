// The rows about heads, over real sockets: to a server that listens by itself and to one that is attached to an HTTP or HTTPS server, in
// one write, cut at random and byte by byte, all cuts at the same time (HOSTILE.md H, T15).

import type { Server } from 'node:http'
import type { Server as HttpsServer } from 'node:https'
import type { OriginPolicy } from '@ws/handshake'
import { WebSocketServer } from '@ws/server'
import { upgradeRequest, utf8 } from '@ws/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { leavesNothing } from './aftermath.ts'
import { CARRIERS, type Carrier, connect, startHttp } from './carriers.ts'
import { cutsOf, seed } from './cuts.ts'
import { headRows } from './heads.ts'
import { type Answer, sendHead } from './visit.ts'

console.info(`rows about heads are cut by SEED=${seed}`)

const PAGE = 'the page of somebody else'
const FIELD = /^([^:]+): (.*)$/

/** A server with that policy, and how many sockets it has opened. */
interface Door {
  readonly port: number
  readonly http: Server | HttpsServer | undefined
  readonly opened: () => number
  readonly close: () => Promise<void>
}

/** The ways to a server. */
const WAYS: readonly [way: string, carrier: Carrier, start: (origin: OriginPolicy) => Promise<Door>][] = [
  [
    'to a server that listens',
    'TCP',
    async origin => {
      let opened = 0
      const server = new WebSocketServer({ origin, hosts: 'any', open: () => void opened++ })
      const { port } = await server.listen({ host: '127.0.0.1' })
      return {
        port,
        http: undefined,
        opened: () => opened,
        async close() {
          await server.close({ timeout: 0 })
        },
      }
    },
  ],
  ['to one attached to an HTTP server', 'TCP', origin => attach('TCP', origin)],
  ['to one attached to an HTTPS server', 'TLS', origin => attach('TLS', origin)],
]

async function attach(carrier: Carrier, origin: OriginPolicy): Promise<Door> {
  let opened = 0
  const server = new WebSocketServer({ origin, open: () => void opened++ })
  const { http, port, close } = await startHttp(carrier, (_request, response) => {
    response.setHeader('Connection', 'close')
    response.end(PAGE)
  })
  server.attach(http)
  return {
    port,
    http,
    opened: () => opened,
    async close() {
      await server.close({ timeout: 0 })
      await close()
    },
  }
}

leavesNothing()

describe.each(WAYS)('%s', (_, carrier, start) => {
  const policies = new Set(headRows.map(({ origin }) => origin))
  const doors = new Map<OriginPolicy, Door>()
  beforeAll(async () => {
    for (const policy of policies) doors.set(policy, await start(policy))
  })
  afterAll(async () => {
    for (const door of doors.values()) await door.close()
  })
  const door = (origin: OriginPolicy = 'same-host') => doors.get(origin)!
  const ask = (text: string) => sendHead(carrier, door().port, [Buffer.from(text, 'latin1')])

  test.concurrent.each(headRows)('$name → $status', async row => {
    const { port, http } = door(row.origin)
    const answers = cutsOf(row.bytes).map(async ({ name, segments }) => {
      const answer = await sendHead(carrier, port, segments)
      if (row.ordinary && http !== undefined) expect(answer, name).toMatchObject({ status: 200, body: PAGE })
      else if (row.status === 101 || (row.byOurLimits && http !== undefined))
        expect(answer, name).toMatchObject({ status: 101 })
      else if (row.byNode) expectNode(answer, row.status, name)
      else expectWhole(answer, row.status, name)
    })
    await Promise.all(answers)
  })

  const body = 'hello'
  test.each([
    ['Content-Length', { 'Content-Length': '5' }, body],
    ['Transfer-Encoding', { 'Transfer-Encoding': 'chunked' }, `5\r\n${body}\r\n0\r\n\r\n`],
  ])('H15b %s, and the body has not been sent → 400, and the process lives', async (name, lines, rest) => {
    expectWhole(await ask(upgradeRequest('/', lines)), 400, name)
    await using late = await connect(carrier, door().port)
    await late.write(upgradeRequest('/', lines))
    expect(await late.head()).toContain('HTTP/1.1 400 ')
    await late.write(rest)
    await late.ended()
    expect((await ask(upgradeRequest())).status).toBe(101)
  })

  test('H15 a body that looks like frames is none', async () => {
    const before = door().opened()
    const frame = String.fromCharCode(0x81, 0x80, 0, 0, 0, 0)
    const answer = await ask(upgradeRequest('/', { 'Content-Length': '6' }) + frame)
    expectWhole(answer, 400, 'with a body')
    expect(door().opened()).toBe(before)
  })

  test('H22 what follows a refused handshake in the same packet is never processed', async () => {
    const before = door().opened()
    const refused = upgradeRequest('/', { Origin: 'null' })
    const answer = await ask(refused + upgradeRequest('/second') + upgradeRequest('/third', { Upgrade: [] }))
    expectWhole(answer, 403, 'with two behind it')
    expect(answer.body).not.toContain('HTTP/1.1')
    expect(door().opened()).toBe(before)
  })
})

test.each(CARRIERS)('H25 maxHeadersCount 1 and a junk header first, over %s → 431 by Node', async carrier => {
  const door = await attach(carrier, 'same-host')
  door.http!.maxHeadersCount = 1
  try {
    const head = utf8(upgradeRequest().replace('\r\n', '\r\nA: b\r\n'))
    expectNode(await sendHead(carrier, door.port, [head]), 431, 'cut short')
  } finally {
    await door.close()
  }
})

test('T15 plain bytes on a port for TLS: no answer but an alert, and the process lives', async () => {
  const door = await attach('TLS', 'same-host')
  try {
    await using plain = await connect('TCP', door.port)
    await plain.write(upgradeRequest())
    await plain.ended()
    expect(Buffer.from(plain.received).toString('latin1')).not.toContain('HTTP/1.1')
    const { status } = await sendHead('TLS', door.port, [utf8(upgradeRequest())])
    expect(status).toBe(101)
  } finally {
    await door.close()
  }
})

/** A refusal of ours: whole, and the last thing on its connection. */
function expectWhole({ status, lines, body, end }: Answer, expected: number, name: string): void {
  const fields = new Map(lines.map(line => [FIELD.exec(line)![1], FIELD.exec(line)![2]]))
  expect({ status, end }, name).toEqual({ status: expected, end: 'FIN' })
  expect(fields.get('Connection'), name).toBe(expected === 426 ? 'Upgrade, close' : 'close')
  expect(fields.get('Content-Length'), name).toBe(`${body.length}`)
  expect(fields.get('Allow'), name).toBe(expected === 405 ? 'GET' : undefined)
  expect(fields.get('Upgrade'), name).toBe(expected === 426 ? 'websocket' : undefined)
}

/** A refusal of Node's. */
function expectNode({ status, lines, body, end }: Answer, expected: number, name: string): void {
  expect({ status, lines, body }, name).toEqual({ status: expected, lines: ['Connection: close'], body: '' })
  expect(['FIN', 'RST'], name).toContain(end)
}
