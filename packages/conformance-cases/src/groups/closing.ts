// Group 7: the closing handshake, payloads of Close frames, close codes.

import type { Closing, ExchangeCase, Step } from '../case.ts'
import { answers, ascii, CLOSE, echo, frame, hex, PING, repeat, TEXT } from '../define.ts'

const KILL: Step = { kill: 1000 }
const TWELVE = ascii('twelve chars')
const BY_STEP: Partial<Closing> = { auto: null, wrongCodeFails: true }
/** The peer's Close has a code for the fault; it need not take part in the handshake. */
const REJECTED: Partial<Closing> = { ...BY_STEP, clean: false, codes: [1002] }

const HANDSHAKE = {
  group: 'close handling',
  rfc: '6455-5.5.1,7.1',
  requirement: 'A Close is answered with a Close. Nothing that follows a Close is answered.',
}

function after(id: string, title: string, ...steps: Step[]): ExchangeCase {
  return answers({ ...HANDSHAKE, id, title, send: [...steps, KILL] }, [], BY_STEP)
}

const handling: ExchangeCase[] = [
  answers(
    { ...HANDSHAKE, id: '7.1.1', title: 'A text, then a Close', send: [frame(TEXT, TWELVE), KILL] },
    [echo(TEXT, 0)],
    { wrongCodeFails: true },
  ),
  after('7.1.2', 'A Close, then a second Close', { close: { code: 1000 } }, frame(CLOSE)),
  after('7.1.3', 'A Close, then a Ping', { close: { code: 1000 } }, frame(PING)),
  after('7.1.4', 'A Close, then a text', { close: { code: 1000 } }, frame(TEXT, TWELVE)),
  after(
    '7.1.5',
    'The first fragment of a text, a Close, then the last fragment',
    frame(TEXT, ascii('part-one.'), { fin: false }),
    { close: { code: 1000 } },
    frame(0, ascii('part-two.')),
  ),
  {
    ...answers(
      {
        ...HANDSHAKE,
        requirement: 'Shows whether a peer echoes what it received before a Close, or closes at once.',
        id: '7.1.6',
        title: 'A text of 256 KiB, a short text, a Close, then a Ping',
        send: [
          frame(TEXT, repeat('4241736437266a683233', 262_144)),
          frame(TEXT, TWELVE),
          { close: { code: 1000 } },
          frame(PING),
          KILL,
        ],
      },
      [],
      { auto: null },
    ),
    expect: [[echo(TEXT, 1)], []],
    verdicts: {
      ok: [],
      nonStrict: [],
      informational: true,
      note: { 0: 'message before close', 1: 'close before message' },
    },
  },
]

const PAYLOAD = {
  group: 'close payload',
  rfc: '6455-5.5.1,7.1.5,7.1.6',
  requirement: 'A Close is empty, or has a code of two octets and a reason of at most 123 octets.',
}
const REASON = {
  ...PAYLOAD,
  group: 'close reason utf8',
  rfc: '6455-5.5.1,8.1',
  requirement: 'The reason of a Close is UTF-8.',
}

function closing(
  group: typeof PAYLOAD,
  id: string,
  title: string,
  code: number | null,
  reason: ReturnType<typeof hex> | undefined,
  close: Partial<Closing>,
): ExchangeCase {
  const step = { close: { code, ...(reason === undefined ? {} : { reason }) } }
  return answers({ ...group, id, title, send: [step, KILL] }, [], close)
}

const payloads: ExchangeCase[] = [
  closing(PAYLOAD, '7.3.1', 'An empty Close', null, undefined, BY_STEP),
  closing(PAYLOAD, '7.3.2', 'A Close with a payload of one octet', null, hex('61'), REJECTED),
  closing(PAYLOAD, '7.3.3', 'A Close with a code', 1000, undefined, BY_STEP),
  closing(PAYLOAD, '7.3.4', 'A Close with a code and a reason', 1000, TWELVE, BY_STEP),
  closing(PAYLOAD, '7.3.5', 'A Close with the longest reason, 123 octets', 1000, repeat('2a', 123), BY_STEP),
  closing(
    { ...PAYLOAD, rfc: '6455-5.5' },
    '7.3.6',
    'A Close with a reason of 124 octets, one more than fits',
    1000,
    repeat('2a', 124),
    REJECTED,
  ),
  closing(
    REASON,
    '7.5.1',
    'A Close with a reason that is not UTF-8',
    1000,
    hex('cebae1bdb9cf83cebcceb5eda080656469746564'),
    { ...REJECTED, codes: [1002, 1007] },
  ),
]

const VALID = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999]
const INVALID = [0, 999, 1004, 1005, 1006, 1016, 1100, 2000, 2999]
const UNDEFINED = [5000, 65_535]

const codes: ExchangeCase[] = [
  ...VALID.map((code, i) =>
    closing(
      {
        group: 'close code valid',
        rfc: '6455-7.4',
        requirement: 'A Close with a code that an endpoint may send is answered with this code or with 1000.',
      },
      `7.7.${i + 1}`,
      `A Close with the code ${code}`,
      code,
      undefined,
      { ...BY_STEP, codes: [1000, code] },
    ),
  ),
  ...INVALID.map((code, i) =>
    closing(
      {
        group: 'close code invalid',
        rfc: '6455-7.4.1,7.4.2',
        requirement: 'A Close with a code that must not be sent is a protocol error.',
      },
      `7.9.${i + 1}`,
      `A Close with the code ${code}, which must not be sent`,
      code,
      undefined,
      REJECTED,
    ),
  ),
  ...UNDEFINED.map((code, i): ExchangeCase => {
    const group = {
      group: 'close code undefined',
      rfc: '6455-7.4.2',
      requirement: 'Shows how a peer answers a code of 5000 or more, for which the RFC defines nothing.',
    }
    const base = closing(group, `7.13.${i + 1}`, `A Close with the code ${code}`, code, undefined, {
      auto: null,
      clean: false,
      codes: [1000, code, 1002],
    })
    return { ...base, verdicts: { ok: [], nonStrict: [], informational: true } }
  }),
]

/** Group 7. */
export const closingCases: readonly ExchangeCase[] = [...handling, ...payloads, ...codes]
