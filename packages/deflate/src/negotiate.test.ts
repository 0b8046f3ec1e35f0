import type { ExtensionParam } from '@ws/protocol'
import { describe, expect, test } from 'vitest'
import { type Agreement, acceptOffer, confirmResponse, createOffers, type Preferences } from './negotiate.ts'

type Pairs = readonly ExtensionParam[]
const BITS = [8, 9, 10, 11, 12, 13, 14, 15]
const BOTH = [false, true]

const SERVER_NO = ['server_no_context_takeover', true] as const
const CLIENT_NO = ['client_no_context_takeover', true] as const
const serverBits = (bits: number) => ['server_max_window_bits', `${bits}`] as const
const clientBits = (bits?: number) =>
  ['client_max_window_bits', bits === undefined ? true : `${bits}`] as const

/** The same preferences for both directions. */
function preferring(contextTakeover: boolean, windowBits: number): Preferences {
  return {
    serverNoContextTakeover: !contextTakeover,
    clientNoContextTakeover: !contextTakeover,
    serverMaxWindowBits: windowBits,
    clientMaxWindowBits: windowBits,
  }
}

/** The agreement as the other end sees it. */
function mirror({ sending, receiving }: Agreement): Agreement {
  return { sending: receiving, receiving: sending }
}

describe('a server', () => {
  const defaults = preferring(false, 12)

  test('answers by default without context takeover, and with windows of 12 bits where it may', () => {
    expect(acceptOffer([[]], defaults)).toEqual({
      params: [SERVER_NO, CLIENT_NO, serverBits(12)],
      sending: { windowBits: 12, contextTakeover: false },
      receiving: { windowBits: 15, contextTakeover: false },
    })
    expect(acceptOffer([[clientBits()]], defaults)).toEqual({
      params: [SERVER_NO, CLIENT_NO, serverBits(12), clientBits(12)],
      sending: { windowBits: 12, contextTakeover: false },
      receiving: { windowBits: 12, contextTakeover: false },
    })
  })

  test('omits parameters that have their default values', () => {
    const preferences = preferring(true, 15)
    expect(acceptOffer([[]], preferences)?.params).toEqual([])
    expect(acceptOffer([[clientBits()]], preferences)?.params).toEqual([])
    // "… by including the "server_max_window_bits" extension parameter in the extension negotiation
    // response"
    expect(acceptOffer([[serverBits(15)]], preferences)?.params).toEqual([serverBits(15)])
  })

  test('gives up context takeover where the client asks for that', () => {
    const preferences = preferring(true, 15)
    expect(acceptOffer([[SERVER_NO]], preferences)).toMatchObject({
      params: [SERVER_NO],
      sending: { contextTakeover: false },
      receiving: { contextTakeover: true },
    })
    expect(acceptOffer([[CLIENT_NO]], preferences)).toMatchObject({
      params: [CLIENT_NO],
      sending: { contextTakeover: true },
      receiving: { contextTakeover: false },
    })
  })

  test('never answers with a larger window than offered, or with one that the client does not support', () => {
    for (const windowBits of BITS) {
      for (const server of BITS) {
        for (const client of [undefined, ...BITS]) {
          const offer = [serverBits(server), ...(client === undefined ? [] : [clientBits(client)])]
          const answer = acceptOffer([offer], preferring(false, windowBits))
          expect(answer?.sending.windowBits).toBe(Math.min(server, windowBits))
          expect(answer?.receiving.windowBits).toBe(client === undefined ? 15 : Math.min(client, windowBits))
          const said = new Map(answer?.params)
          expect(said.get('server_max_window_bits')).toBe(`${Math.min(server, windowBits)}`)
          if (client === undefined) expect(said.has('client_max_window_bits')).toBe(false)
        }
      }
    }
  })

  test('H12: accepts the first valid offer, and declines if there is none', () => {
    const bad: Pairs = [['server_max_window_bits', '16']]
    expect(
      acceptOffer([bad, [SERVER_NO, SERVER_NO], [serverBits(9)], []], defaults)?.sending.windowBits,
    ).toBe(9)
    expect(acceptOffer([bad], defaults)).toBeUndefined()
    expect(acceptOffer([], defaults)).toBeUndefined()
  })
})

describe('a client', () => {
  test('offers its preferences, then the same without a limit on the server’s window', () => {
    expect(createOffers(preferring(false, 12))).toEqual([
      [SERVER_NO, CLIENT_NO, serverBits(12), clientBits(12)],
      [SERVER_NO, CLIENT_NO, clientBits(12)],
    ])
    expect(createOffers(preferring(true, 15))).toEqual([[clientBits()]])
  })

  const preferences = preferring(true, 15)

  test.each([
    ['an unknown parameter', [['window', true]], 'unknown parameter window'],
    ['one twice', [SERVER_NO, SERVER_NO], 'duplicate parameter'],
    ['D9: bits above 15', [['server_max_window_bits', '16']], 'invalid value'],
    ['bits without a value', [clientBits()], 'invalid value'],
  ] as [string, Pairs, string][])('fails for %s in the answer', (_name, pairs, fault) => {
    expect(confirmResponse(pairs, preferences)).toContain(fault)
  })

  test('fails where it asked for no context takeover and the answer does not confirm that', () => {
    const asked = preferring(false, 12)
    expect(confirmResponse([CLIENT_NO], asked)).toBe(
      'missing parameter server_no_context_takeover, which was offered (RFC 7692 §7.1.1.1)',
    )
    expect(confirmResponse([SERVER_NO], asked)).toEqual({
      sending: { windowBits: 12, contextTakeover: false },
      receiving: { windowBits: 15, contextTakeover: false },
    })
  })
})

describe('each direction has its own parameters', () => {
  const own: Preferences = {
    serverNoContextTakeover: false,
    clientNoContextTakeover: true,
    serverMaxWindowBits: 15,
    clientMaxWindowBits: 9,
  }

  test('in the answer of a server', () => {
    expect(acceptOffer([[clientBits()]], own)).toEqual({
      params: [CLIENT_NO, clientBits(9)],
      sending: { windowBits: 15, contextTakeover: true },
      receiving: { windowBits: 9, contextTakeover: false },
    })
  })

  test('in the offers of a client', () => {
    expect(createOffers(own)).toEqual([[CLIENT_NO, clientBits(9)]])
    expect(createOffers({ ...own, serverMaxWindowBits: 10, serverNoContextTakeover: true })).toEqual([
      [SERVER_NO, CLIENT_NO, serverBits(10), clientBits(9)],
      [SERVER_NO, CLIENT_NO, clientBits(9)],
    ])
  })

  test('in what a client makes of the answer', () => {
    expect(confirmResponse([serverBits(11)], own)).toEqual({
      sending: { windowBits: 9, contextTakeover: false },
      receiving: { windowBits: 11, contextTakeover: true },
    })
  })
})

test('both ends agree on the same parameters, with all preferences', () => {
  const all = BOTH.flatMap(serverNoContextTakeover =>
    BOTH.flatMap(clientNoContextTakeover =>
      BITS.flatMap(serverMaxWindowBits =>
        BITS.map(clientMaxWindowBits => ({
          serverNoContextTakeover,
          clientNoContextTakeover,
          serverMaxWindowBits,
          clientMaxWindowBits,
        })),
      ),
    ),
  )
  // A failed comparison names the pair: an `expect` for each would take minutes.
  const disagreements: unknown[] = []
  for (const ours of all) {
    for (const theirs of all) {
      for (const offer of createOffers(theirs)) {
        const answer = acceptOffer([offer], ours)!
        const confirmed = mirror(confirmResponse(answer.params, theirs) as Agreement)
        const hasLimit = offer.some(([name]) => name === 'server_max_window_bits')
        const isExact =
          JSON.stringify([confirmed.sending, confirmed.receiving]) ===
          JSON.stringify([answer.sending, answer.receiving])
        const isWithin =
          answer.sending.contextTakeover ===
            !(ours.serverNoContextTakeover || theirs.serverNoContextTakeover) &&
          answer.receiving.contextTakeover ===
            !(ours.clientNoContextTakeover || theirs.clientNoContextTakeover) &&
          answer.receiving.windowBits === Math.min(ours.clientMaxWindowBits, theirs.clientMaxWindowBits) &&
          answer.sending.windowBits ===
            Math.min(ours.serverMaxWindowBits, hasLimit ? theirs.serverMaxWindowBits : 15)
        if (!isExact || !isWithin) disagreements.push({ ours, theirs, offer })
      }
    }
  }
  expect(disagreements).toEqual([])
})
