// The panel that decodes a pasted hex dump, without any connection.

import { InvalidBytes, readHex } from '../decode/hex.ts'
import { decodeDump } from '../log/dump.ts'
import type { Log } from '../log/log.ts'
import { button, element } from './element.ts'

const EXAMPLE = '81 85 37 fa 21 3d 7f 9f 4d 51 58'

/** The panel. `onDecoded` gets the number of the first entry. */
export function decodeView(log: Log, onDecoded: (id: number) => void): HTMLElement {
  const input = element('textarea', { id: 'dump', rows: 6, placeholder: EXAMPLE, spellcheck: false })
  const problem = element('p', { className: 'problem' })
  problem.role = 'alert'
  const decode = (): void => {
    try {
      problem.textContent = ''
      const id = decodeDump(readHex(input.value || EXAMPLE), log)
      if (id === undefined)
        throw new InvalidBytes('These bytes have no whole frame header: at least two bytes are needed.')
      onDecoded(id)
    } catch (error) {
      if (!(error instanceof InvalidBytes)) throw error
      problem.textContent = error.message
    }
  }
  return element(
    'article',
    { className: 'decode' },
    element('h2', { textContent: 'Decode a hex dump' }),
    element('p', {
      className: 'soft',
      textContent:
        'Hex digits, or a dump of xxd, hexdump -C, tcpdump -X or Wireshark: frames of one direction, with or without the HTTP head before them. Nothing is sent.',
    }),
    element('label', { htmlFor: 'dump', className: 'hidden', textContent: 'Hex dump' }),
    input,
    problem,
    element('p', {}, button('Decode', 'primary', decode)),
  )
}
