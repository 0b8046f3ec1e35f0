import type { DeflateTerms } from '@ws/conformance-cases'
import { formatExtensions, parseExtensions } from '@ws/handshake'
import { describe, expect, test } from 'vitest'
import { answerOffers, offersOf, readAnswer } from './negotiation.ts'

const NAME = 'permessage-deflate'
const accept = (clientNoContext: boolean, clientMaxBits: number | null) => ({
  clientNoContext,
  clientMaxBits,
})
const terms = (...accepts: DeflateTerms['accepts']): DeflateTerms => ({ offers: [], accepts })
const extensions = (text: string) => parseExtensions(text)!

test('offers are formatted in their order, with the parameters of each', () => {
  const offer = { clientNoContext: true, clientMaxBits: true, serverNoContext: false, serverMaxBits: null }
  const offers = [
    { ...offer, serverNoContext: true, serverMaxBits: 9 },
    offer,
    { ...offer, clientMaxBits: 10 },
  ]
  expect(formatExtensions(offersOf({ offers, accepts: [] }))).toBe(
    [
      `${NAME}; client_no_context_takeover; client_max_window_bits; server_no_context_takeover; server_max_window_bits=9`,
      `${NAME}; client_no_context_takeover; client_max_window_bits`,
      `${NAME}; client_no_context_takeover; client_max_window_bits=10`,
    ].join(', '),
  )
})

describe('an answer of a server', () => {
  test('gives both directions their window and context', () => {
    expect(readAnswer(extensions(`${NAME}; server_max_window_bits=10; client_no_context_takeover`))).toEqual({
      sending: { windowBits: 15, contextTakeover: false },
      receiving: { windowBits: 10, contextTakeover: true },
    })
    expect(readAnswer([])).toBeUndefined()
  })

  test.each([
    'server_max_window_bits=7',
    'server_max_window_bits=16',
    'server_max_window_bits=09',
    'server_max_window_bits',
    'client_max_window_bits',
    'server_no_context_takeover=1',
    'client_no_context_takeover; client_no_context_takeover',
    'unknown',
  ])('with %s is not valid', params => {
    expect(readAnswer(extensions(`${NAME}; ${params}`))).toContain('not valid')
  })

  test('with two extensions is not valid', () => {
    expect(readAnswer(extensions(`${NAME}, ${NAME}`))).toContain('more than one extension')
  })
})

describe('an answer to a client', () => {
  const answer = (wanted: DeflateTerms, text: string) => {
    const found = answerOffers(wanted, extensions(text))
    return found && formatExtensions([found.extension])
  }

  test('grants whatever the offer asks of the server', () => {
    expect(
      answer(terms(accept(false, null)), `${NAME}; server_no_context_takeover; server_max_window_bits=9`),
    ).toBe(`${NAME}; server_no_context_takeover; server_max_window_bits=9`)
  })

  test('limits the window of a client only if the offer allows that', () => {
    const wanted = terms(accept(true, 9), accept(true, null))
    expect(answer(wanted, `${NAME}; client_max_window_bits`)).toBe(
      `${NAME}; client_no_context_takeover; client_max_window_bits=9`,
    )
    expect(answer(wanted, NAME)).toBe(`${NAME}; client_no_context_takeover`)
    expect(answer(terms(accept(false, 9)), NAME)).toBeUndefined()
  })

  test('takes the first offer that fits, and none that is not valid', () => {
    const text = `${NAME}; server_max_window_bits=99, other, ${NAME}; client_max_window_bits`
    expect(answer(terms(accept(false, 10)), text)).toBe(`${NAME}; client_max_window_bits=10`)
  })
})
