// The cases of the hostile rows against our server, each way that it can be reached.

import { describe, expect, test } from 'vitest'
import { startServer } from './start.ts'
import { LARGE, type Selection, testServer } from './suite.ts'

/**
 * Bytes that may be left: Node keeps memory of the first TLS connections and compressed messages.
 * Hundreds of connections are made: a few kilobytes that each left would exceed it.
 */
const MAY_REMAIN = 8 * 2 ** 20

/**
 * Cases with a write for each octet: those whose messages are small. Without invalid requests (H2):
 * Node answers them before their end and closes, and octets that follow then reset the connection,
 * which can destroy the answer.
 */
const SMALL: Selection = {
  only: ['1.*', '2.*', '3.*', '4.*', '5.*', '6.*', '7.*', 'C*', 'D1.*', 'D2.*', 'D5.*', 'H1.*', 'M*'],
  exclude: ['1.1.6', '1.1.7', '1.1.8', '1.2.6', '1.2.7', '1.2.8', '7.1.6', 'H1.13', 'M2.*', 'M3.*'],
  chop: 1,
}

describe.each([
  ['a server that listens', 'listen'],
  ['a server attached to an HTTP server', 'http'],
  ['a server attached to an HTTPS server', 'https'],
] as const)('%s', (_, kind) => {
  test.each<readonly [how: string, selection: Selection]>([
    ['in one write', { exclude: LARGE }],
    ['octet by octet', SMALL],
  ])(
    'L15: passes the cases %s, and leaves no rejection, handle or memory',
    async (_how, selection) => {
      const server = await startServer(kind)
      const verdicts = await testServer(server.url, selection)
      const { status, stderr, handles, memory } = await server.stop()
      const others = verdicts.filter(({ verdict }) => verdict !== 'OK' && verdict !== 'INFORMATIONAL')
      expect(others).toEqual([])
      expect(verdicts.length).toBeGreaterThan(200)
      expect({ status, stderr, handles }).toEqual({ status: 0, stderr: '', handles: [] })
      expect(memory).toBeLessThan(MAY_REMAIN)
    },
    300_000,
  )
})
