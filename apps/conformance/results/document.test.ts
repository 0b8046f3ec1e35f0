import { expect, test } from 'vitest'
import { formatDocument } from './document.ts'

const entry = {
  behavior: 'OK',
  behaviorClose: 'OK',
  duration: 1,
  remoteCloseCode: 1000,
  reportfile: 'x.json',
}

test('counts verdicts by implementation, and names the cases that are not OK', () => {
  const text = formatDocument({
    servers: {
      one: {
        '1.1.1': entry,
        '6.4.1': { ...entry, behavior: 'NON-STRICT' },
        '6.4.2': { ...entry, behavior: 'NON-STRICT' },
        '7.1.6': { ...entry, behavior: 'INFORMATIONAL', behaviorClose: 'INFORMATIONAL' },
        '7.7.1': { ...entry, behaviorClose: 'UNCLEAN' },
        'L1.1': { ...entry, behavior: 'FAILED', behaviorClose: 'FAILED' },
      },
    },
    clients: { two: { '1.1.1': entry } },
    date: '2026-01-01',
    machine: '2 cores',
  })
  expect(text).toContain('| one | 2 | 2 |  | 1 |  | 1 |')
  expect(text).toContain('| one |  |  | 1 |  |  |  |')
  expect(text).toContain('- one, NON-STRICT: 6.4.1–2\n- one, UNCLEAN: 7.7.1\n- one, FAILED: L1.1')
  expect(text).toContain('### Cases that are not OK\n\nNone.')
})

test('names the cases that an implementation did not run', () => {
  const text = formatDocument({
    servers: { one: { '1.1.1': entry }, two: { '1.1.1': entry, '1.1.2': entry, '1.1.3': entry } },
    clients: {},
    date: '2026-01-01',
    machine: '2 cores',
  })
  expect(text).toContain('- one, not run: 1.1.2–3\n')
  expect(text).not.toContain('- two, not run')
})
