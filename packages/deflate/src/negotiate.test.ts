import type { ExtensionParam } from '@ws/protocol'
import { describe, expect, test } from 'vitest'
import { type Agreement, acceptOffer, confirmResponse, createOffers } from './negotiate.ts'

type Pairs = readonly ExtensionParam[]
const BITS = [8, 9, 10, 11, 12, 13, 14, 15]
const BOTH = [false, true]

const SERVER_NO = ['server_no_context_takeover', true] as const
const CLIENT_NO = ['client_no_context_takeover', true] as const
const serverBits = (bits: number) => ['server_max_window_bits', `${bits}`] as const
const clientBits = (bits?: number) =>
  ['client_max_window_bits', bits === undefined ? true : `${bits}`] as const

/** The agreement as the other end sees it. */
function mirror({ sending, receiving }: Agreement): Agreement {
  return { sending: receiving, receiving: sending }
}

describe('a server', () => {
  const defaults = { contextTakeover: false, windowBits: 12 }

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
    const preferences = { contextTakeover: true, windowBits: 15 }
    expect(acceptOffer([[]], preferences)?.params).toEqual([])
    expect(acceptOffer([[clientBits()]], preferences)?.params).toEqual([])
    // "… by including the "server_max_window_bits" extension parameter in the extension negotiation
    // response"
    expect(acceptOffer([[serverBits(15)]], preferences)?.params).toEqual([serverBits(15)])
  })

  test('gives up context takeover where the client asks for that', () => {
    const preferences = { contextTakeover: true, windowBits: 15 }
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
          const answer = acceptOffer([offer], { contextTakeover: false, windowBits })
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
    expect(createOffers({ contextTakeover: false, windowBits: 12 })).toEqual([
      [SERVER_NO, CLIENT_NO, serverBits(12), clientBits()],
      [SERVER_NO, CLIENT_NO, clientBits()],
    ])
    expect(createOffers({ contextTakeover: true, windowBits: 15 })).toEqual([[clientBits()]])
  })

  const preferences = { contextTakeover: true, windowBits: 15 }

  test.each([
    ['an unknown parameter', [['window', true]], 'unknown parameter window'],
    ['one twice', [SERVER_NO, SERVER_NO], 'duplicate parameter'],
    ['D9: bits above 15', [['server_max_window_bits', '16']], 'invalid value'],
    ['bits without a value', [clientBits()], 'invalid value'],
  ] as [string, Pairs, string][])('fails for %s in the answer', (_name, pairs, fault) => {
    expect(confirmResponse(pairs, preferences)).toContain(fault)
  })

  test('fails where it asked for no context takeover and the answer does not confirm that', () => {
    const asked = { contextTakeover: false, windowBits: 12 }
    expect(confirmResponse([CLIENT_NO], asked)).toBe(
      'missing parameter server_no_context_takeover, which was offered (RFC 7692 §7.1.1.1)',
    )
    expect(confirmResponse([SERVER_NO], asked)).toEqual({
      sending: { windowBits: 12, contextTakeover: false },
      receiving: { windowBits: 15, contextTakeover: false },
    })
  })
})

test('both ends agree on the same parameters, with all preferences', () => {
  for (const serverTakeover of BOTH) {
    for (const clientTakeover of BOTH) {
      for (const server of BITS) {
        for (const client of BITS) {
          const ours = { contextTakeover: serverTakeover, windowBits: server }
          const theirs = { contextTakeover: clientTakeover, windowBits: client }
          for (const offer of createOffers(theirs)) {
            const answer = acceptOffer([offer], ours)!
            const confirmed = confirmResponse(answer.params, theirs) as Agreement
            const { sending, receiving } = mirror(confirmed)
            expect(receiving.contextTakeover).toBe(answer.receiving.contextTakeover)
            expect(sending.contextTakeover).toBe(answer.sending.contextTakeover)
            expect(sending.windowBits).toBe(answer.sending.windowBits)
            expect(receiving.windowBits).toBeLessThanOrEqual(answer.receiving.windowBits)
          }
        }
      }
    }
  }
})
