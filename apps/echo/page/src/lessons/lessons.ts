// The lessons: what each performs, and which bytes it then shows.

import { isControl, Opcode } from '@ws/frame'
import type { Data } from '../connection/messages.ts'
import type { Command } from '../connection/observer.ts'
import type { FieldName } from '../decode/fields.ts'
import type { Frame } from '../decode/frame.ts'
import { utf8 } from '../decode/words.ts'
import type { Entry } from '../log/entry.ts'

/** What a lesson can do. */
export interface LessonTools {
  /** Connects anew to a path of this server. */
  reconnect(address: string): Promise<void>
  send(data: Data): void
  close(code: number, reason: string): void
  run(command: Command): void
}

/** One thing that a lesson shows. */
export interface Step {
  readonly label: string
  /** Whether an entry since the beginning of the lesson is the one. */
  readonly isIt: (entry: Entry) => boolean
  readonly highlight: readonly FieldName[]
  readonly words: string
}

/** One lesson. */
export interface Lesson {
  readonly id: string
  readonly title: string
  readonly about: string
  /** The path that it needs. */
  readonly address: string
  readonly perform: (tools: LessonTools) => unknown
  /** In the order of their entries. */
  readonly steps: readonly Step[]
}

const PLAIN = '/?compress=off'

function frame(isIt: (frame: Frame) => boolean): (entry: Entry) => boolean {
  return entry => entry.kind === 'frame' && isIt(entry.frame)
}

function isData({ header }: Frame): boolean {
  return !isControl(header.opcode)
}

/** The first three lengths that need another field. */
const LENGTHS = [5, 126, 65_536] as const

/** The lessons, in their order. */
export const LESSONS: readonly Lesson[] = [
  {
    id: 'handshake',
    title: 'Handshake',
    about: 'A WebSocket begins as an HTTP request. The server proves that it speaks WebSocket.',
    address: PLAIN,
    perform: tools => tools.reconnect(PLAIN),
    steps: [
      {
        label: 'Handshake',
        isIt: entry => entry.kind === 'handshake' && entry.handshake.response !== undefined,
        highlight: [],
        words:
          'Read the request and the response line by line. At the end the accept value is computed from the key.',
      },
    ],
  },
  {
    id: 'first-frame',
    title: 'First frame',
    about:
      'A message of five characters is a frame of eleven bytes: two of header, four of key, five of text.',
    address: PLAIN,
    perform: tools => tools.send('Hello'),
    steps: [
      {
        label: 'Hello, from the client',
        isIt: frame(each => each.from === 'client' && isData(each)),
        highlight: ['FIN', 'opcode', 'length'],
        words: 'FIN: this frame is the whole message. Opcode 1: it is a text. Length: five bytes.',
      },
      {
        label: 'The echo',
        isIt: frame(each => each.from === 'server' && isData(each)),
        highlight: ['FIN', 'opcode', 'length', 'payload'],
        words: 'The same message from the server, without a mask: you can read its bytes.',
      },
    ],
  },
  {
    id: 'masking',
    title: 'Masking',
    about: 'Clients mask what they send, so that a page cannot choose the bytes on the wire.',
    address: PLAIN,
    perform: tools => tools.send('Hello'),
    steps: [
      {
        label: 'Masked',
        isIt: frame(each => each.from === 'client' && isData(each)),
        highlight: ['MASK', 'masking key', 'payload'],
        words: 'Four random bytes are the key. The table below the fields undoes the mask, byte by byte.',
      },
      {
        label: 'Not masked',
        isIt: frame(each => each.from === 'server' && isData(each)),
        highlight: ['MASK', 'payload'],
        words: 'A server must not mask: the MASK bit is 0, and there is no key.',
      },
    ],
  },
  {
    id: 'lengths',
    title: 'Three lengths',
    about: 'A length takes 7 bits, 16 bits or 64 bits, and always the shortest form that fits.',
    address: PLAIN,
    perform: tools => {
      for (const length of LENGTHS) tools.send('x'.repeat(length))
    },
    steps: LENGTHS.map((length, i) => ({
      label: `${[7, 16, 64][i]} bits`,
      isIt: frame(each => each.from === 'client' && isData(each) && each.header.payloadLength === length),
      highlight: ['length'],
      words: [
        'Up to 125, the length is in the second byte itself.',
        'The second byte says 126: two more bytes have the length.',
        'The second byte says 127: eight more bytes have the length.',
      ][i]!,
    })),
  },
  {
    id: 'fragments',
    title: 'Fragments',
    about: 'A message may come in several frames. A browser cannot choose that, so the server sends one.',
    address: PLAIN,
    perform: tools => tools.run({ do: 'send', type: 'text', data: utf8('piece by piece'), size: 6 }),
    steps: [
      {
        label: 'First',
        isIt: frame(({ from, header }) => from === 'server' && header.opcode === Opcode.text && !header.fin),
        highlight: ['FIN', 'opcode'],
        words: 'Opcode 1 says that it is a text. FIN is 0: more frames follow.',
      },
      {
        label: 'Middle',
        isIt: frame(
          ({ from, header }) => from === 'server' && header.opcode === Opcode.continuation && !header.fin,
        ),
        highlight: ['FIN', 'opcode'],
        words: 'Opcode 0 continues the message, and FIN is still 0.',
      },
      {
        label: 'Last',
        isIt: frame(
          ({ from, header }) => from === 'server' && header.opcode === Opcode.continuation && header.fin,
        ),
        highlight: ['FIN', 'opcode'],
        words: 'FIN is 1: the message is complete. The last frame may be empty.',
      },
    ],
  },
  {
    id: 'ping',
    title: 'Ping and pong',
    about: 'Either side may ask whether the other is still there. A browser answers pings by itself.',
    address: PLAIN,
    perform: tools => tools.run({ do: 'ping', data: utf8('are you there?') }),
    steps: [
      {
        label: 'Ping',
        isIt: frame(({ header }) => header.opcode === Opcode.ping),
        highlight: ['opcode', 'payload'],
        words: 'A control frame: opcode 9, with up to 125 bytes. Scripts in a page never see it.',
      },
      {
        label: 'Pong',
        isIt: frame(({ header }) => header.opcode === Opcode.pong),
        highlight: ['opcode', 'payload'],
        words: 'Opcode 10 with the same payload, masked, because it comes from the client.',
      },
    ],
  },
  {
    id: 'closing',
    title: 'Closing',
    about: 'Both sides send a Close frame. Then the server ends the TCP connection.',
    address: PLAIN,
    perform: tools => tools.close(1000, 'bye'),
    steps: [
      {
        label: 'Close',
        isIt: frame(({ from, header }) => from === 'client' && header.opcode === Opcode.close),
        highlight: ['opcode', 'payload'],
        words: 'The payload is the code 1000 in two bytes, 03 e8, and a reason.',
      },
      {
        label: 'Answer',
        isIt: frame(({ from, header }) => from === 'server' && header.opcode === Opcode.close),
        highlight: ['opcode', 'payload'],
        words: 'The server answers with the same code. After this frame neither side may send.',
      },
    ],
  },
  {
    id: 'compression',
    title: 'Compression',
    about: 'If both sides agree on permessage-deflate, messages are compressed, and RSV1 says so.',
    address: '/?compress=on',
    perform: tools => tools.send('Repeated text compresses well. '.repeat(10)),
    steps: [
      {
        label: 'Compressed',
        isIt: frame(each => each.from === 'client' && isData(each) && each.isCompressed),
        highlight: ['RSV1', 'length', 'payload'],
        words: 'RSV1 is 1, and the payload is DEFLATE data, much shorter than the 310 bytes of the text.',
      },
      {
        label: 'The echo',
        isIt: frame(each => each.from === 'server' && isData(each) && each.isCompressed),
        highlight: ['RSV1', 'length', 'payload'],
        words: 'The server compresses by itself. The bytes may differ; the message does not.',
      },
    ],
  },
]
