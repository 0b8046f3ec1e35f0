// What a Close frame carries, read and written.

import { ProtocolError, readClosePayload, writeClosePayload } from '@ws/frame'
import { concat, hex } from '@ws/testing'
import { readClose, toHex } from '../reading.ts'
import { STREAM_WORDS } from '../streams.ts'
import { must, mustEqual, type Target } from '../target.ts'

/** The target. */
export const closePayload: Target = {
  name: 'close payload',
  about:
    '`readClosePayload`, with up to 125 bytes. Code and reason equal those of a naive reading, or ' +
    'both fail with the same code. A payload encodes to its original bytes.',
  files: ['frame/src/close-payload.ts', 'frame/src/close-code.ts'],
  words: STREAM_WORDS,

  generate(chance) {
    const code = chance.oneIn(2) ? chance.int(2 ** 16) : 990 + chance.int(30) + chance.pick([0, 1990, 3990])
    const bytes = concat(
      Uint8Array.of(code >>> 8, code),
      ...chance.several(5, () => chance.pick(STREAM_WORDS)),
    )
    return bytes.slice(0, chance.oneIn(8) ? chance.int(3) : 125)
  },

  run(input) {
    const payload = input.slice(0, 125)
    const expected = readClose(payload)
    // As a part of something larger: its ends must be kept to.
    const around = concat(hex('03e9'), payload, hex('ff'))
    try {
      const { code, reason } = readClosePayload(around, 2, 2 + payload.length)
      mustEqual({ code, reason, wasClean: true }, expected, 'read')
      const again = code === 1005 ? writeClosePayload() : writeClosePayload(code, reason)
      mustEqual(toHex(again), toHex(payload), 'written again')
      return code === 1005
        ? 'empty'
        : `${code < 1016 ? code : code < 4000 ? '3000–3999' : '4000–4999'}${reason ? ', reason' : ''}`
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error
      must([1002, 1007].includes(error.closeCode), `undocumented code ${error.closeCode}`)
      must(
        !expected.wasClean && expected.code === error.closeCode,
        `${error.closeCode} rather than ${expected.code}`,
      )
      return `fault ${error.closeCode}`
    }
  },
}
