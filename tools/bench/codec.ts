// Decoding and encoding in memory, without a socket: bytes to messages, and messages to bytes.

import { compare, startScript } from './lib/compare.ts'
import { OUR_CODEC, WS_CODEC } from './lib/contenders.ts'
import type { Figure } from './lib/figures.ts'
import type { Goal } from './lib/goals.ts'
import { coding } from './lib/measures.ts'

const NANOSECONDS: Figure = { key: 'nanoseconds', label: 'CPU/message, ns' }
const PER_CPU_SECOND: Figure = { key: 'perCpuSecond', label: 'messages per second of CPU', better: 'more' }

const sizes = [
  [20, '20 B'],
  [125, '125 B'],
  [4096, '4 KiB'],
  [65_536, '64 KiB'],
  [1_048_576, '1 MiB'],
] as const
const directions = ['decode', 'encode'] as const
const types = ['text', 'binary'] as const

await compare(
  {
    name: 'codec',
    title: 'Decoding and encoding in memory, as a server does',
    notes: [
      'Decoding: chunks of up to 64 KiB with as many frames as fit, filled anew by a copy each time, which is counted. Encoding: as ' +
        'many messages as fit into 64 KiB, then the bytes to be written are taken. Before it is measured, each codec must give back ' +
        'what went in, to the byte.',
      'A text comes out of ours as a string, out of the receiver of `ws` as bytes, checked and not decoded. A text that is sent leaves ' +
        'the sender of `ws` as a string; making its bytes, as a socket does, is counted.',
    ],
    contenders: [OUR_CODEC, WS_CODEC],
    figures: [NANOSECONDS, PER_CPU_SECOND],
    cases: directions.flatMap(direction =>
      types.flatMap(type =>
        sizes.map(([size, label]) => ({
          name: `${direction} ${label} ${type}`,
          measure: coding(direction, type, size),
        })),
      ),
    ),
    goals: [
      ...directions.flatMap(direction => types.map(type => goal(direction, 20, type, 5, 10))),
      goal('decode', 125, 'binary', 1.2, 2),
      goal('decode', 4096, 'binary', 1.2, 2),
      goal('encode', 4096, 'binary', 0.8),
    ],
  },
  startScript(),
)

function goal(
  direction: (typeof directions)[number],
  size: (typeof sizes)[number][0],
  type: (typeof types)[number],
  ratio: number,
  aim?: number,
): Goal {
  const [, label] = sizes.find(([bytes]) => bytes === size)!
  return {
    work: `${direction} ${label} of ${type} in memory: messages per second of CPU`,
    case: `${direction} ${label} ${type}`,
    figure: PER_CPU_SECOND,
    against: WS_CODEC.name,
    goal: ratio,
    ...(aim !== undefined && { aim }),
  }
}
