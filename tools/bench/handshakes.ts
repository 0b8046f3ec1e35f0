// 100 clients connect, shake hands and leave by a reset, over and over: what a handshake costs, with the connection around it.

import { compare, startScript } from './lib/compare.ts'
import { BUN, NET, OURS, UWS, WS } from './lib/contenders.ts'
import { type Figure, LOAD_SHARE, RATE, SERVER_SHARE } from './lib/figures.ts'
import { underLoad } from './lib/measures.ts'

const perCpuSecond: Figure = { key: 'perCpuSecond', label: 'handshakes per second of CPU', better: 'more' }

await compare(
  {
    name: 'handshakes',
    title: 'Handshakes, 100 at a time',
    notes: [
      'A client cannot connect much faster than a server accepts, so the load’s core is full first with a fast server. What is ' +
        'quoted is therefore handshakes per second of the server’s CPU time; the rate by the clock stands beside it.',
      'Ten thousand handshakes are much code run seldom: three seconds warm up for it, so that no compiler is measured.',
    ],
    contenders: [OURS, NET, WS, UWS, BUN],
    figures: [perCpuSecond, { ...RATE, label: 'handshakes/s' }, SERVER_SHARE, LOAD_SHARE],
    cases: [{ name: 'handshakes', measure: underLoad('idle', { kind: 'handshakes' }, 3) }],
    goals: [
      {
        work: 'handshakes per second of CPU',
        figure: perCpuSecond,
        against: WS.name,
        goal: 1.2,
        aim: 1.5,
      },
      { work: 'handshakes per second of CPU', figure: perCpuSecond, against: NET.name, goal: 0.7 },
    ],
  },
  startScript(),
)
