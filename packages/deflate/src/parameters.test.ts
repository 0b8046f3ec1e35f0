import { describe, expect, test } from 'vitest'
import { formatParameters, readParameters } from './parameters.ts'

const NOTHING = {
  serverNoContextTakeover: false,
  clientNoContextTakeover: false,
  serverMaxWindowBits: undefined,
  clientMaxWindowBits: undefined,
}

describe('parameters', () => {
  test('can be empty', () => {
    for (const sender of ['client', 'server'] as const) {
      expect(readParameters([], sender)).toEqual(NOTHING)
      expect(formatParameters(NOTHING)).toEqual([])
    }
  })

  test('are read and formatted, all four with every window', () => {
    for (let server = 8; server <= 15; server++) {
      for (let client = 8; client <= 15; client++) {
        const pairs = [
          ['server_no_context_takeover', true],
          ['client_no_context_takeover', true],
          ['server_max_window_bits', `${server}`],
          ['client_max_window_bits', `${client}`],
        ] as const
        for (const sender of ['client', 'server'] as const) {
          const read = readParameters(pairs, sender)
          expect(read).toEqual({
            serverNoContextTakeover: true,
            clientNoContextTakeover: true,
            serverMaxWindowBits: server,
            clientMaxWindowBits: client,
          })
          expect(typeof read !== 'string' && formatParameters(read)).toEqual(pairs)
        }
      }
    }
  })

  test('can be in any order', () => {
    const read = readParameters(
      [
        ['client_max_window_bits', true],
        ['server_no_context_takeover', true],
      ],
      'client',
    )
    expect(read).toEqual({ ...NOTHING, clientMaxWindowBits: true, serverNoContextTakeover: true })
    expect(typeof read !== 'string' && formatParameters(read)).toEqual([
      ['server_no_context_takeover', true],
      ['client_max_window_bits', true],
    ])
  })

  test('must be known', () => {
    for (const name of ['window_bits', 'Server_No_Context_Takeover', 'constructor', '']) {
      expect(readParameters([[name, true]], 'client')).toBe(`unknown parameter ${name} (RFC 7692 §7.1)`)
    }
  })

  test('must not be duplicated, even with the same value', () => {
    const pair = ['server_max_window_bits', '10'] as const
    expect(readParameters([pair, pair], 'client')).toBe(
      'duplicate parameter server_max_window_bits (RFC 7692 §7.1)',
    )
  })

  test.each([
    ['server_no_context_takeover', 'true'],
    ['client_no_context_takeover', '15'],
    ['server_max_window_bits', true],
    ...['7', '16', '08', '1', '15 ', '+9', '9.0', '0x9', '٩', '', '100', '1e1', '-9', 'true'].map(value => [
      'server_max_window_bits',
      value,
    ]),
    ['client_max_window_bits', '7'],
    ['client_max_window_bits', '16'],
    ['client_max_window_bits', ''],
  ] as [string, string | true][])('rejects %s with the value %j', (name, value) => {
    const fault = `invalid value of parameter ${name} (RFC 7692 §7.1)`
    expect(readParameters([[name, value]], 'client')).toBe(fault)
    expect(readParameters([[name, value]], 'server')).toBe(fault)
  })

  test('only a client may omit the value of client_max_window_bits', () => {
    const pairs = [['client_max_window_bits', true]] as const
    expect(readParameters(pairs, 'client')).toMatchObject({ clientMaxWindowBits: true })
    expect(readParameters(pairs, 'server')).toMatch('invalid value')
  })
})
