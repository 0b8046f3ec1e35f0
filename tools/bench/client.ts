// Clients: echoes of a server of ours, one or many in flight, short and long, and connections that are opened and closed.

import { compare, startScript } from './lib/compare.ts'
import { NODE_CLIENT, OUR_CLIENT, WS_CLIENT } from './lib/contenders.ts'
import type { Figure } from './lib/figures.ts'
import { asClient } from './lib/measures.ts'

const CLIENT_CPU: Figure = { key: 'cpu', label: 'client’s CPU each, µs', better: 'less' }
const EACH: Figure = { key: 'rate', label: 'each second', better: 'more' }
const SHARE: Figure = { key: 'load', label: 'client’s core, %' }

const cases = [
  ['20 B, 1 in flight, 100 connections', { kind: 'echo', connections: 100, size: 20, inFlight: 1 }, 1],
  ['20 B, 64 in flight, 10 connections', { kind: 'echo', connections: 10, size: 20, inFlight: 64 }, 0.2],
  ['64 KiB, 4 in flight, 10 connections', { kind: 'echo', connections: 10, size: 65_536, inFlight: 4 }, 1],
  ['connect and close, 10 at a time', { kind: 'connect', connections: 10, size: 0, inFlight: 0 }, 1],
] as const

await compare(
  {
    name: 'client',
    title: 'Clients of one server, which is ours',
    notes: [
      'All three talk to the same server, so a fast client waits for it; its CPU for each message is what is compared.',
    ],
    contenders: [OUR_CLIENT, WS_CLIENT, NODE_CLIENT],
    figures: [CLIENT_CPU, EACH, SHARE],
    cases: cases.map(([name, job]) => ({ name, measure: asClient(job) })),
    goals: cases.map(([name, , goal]) => ({
      work: `a client, ${name}: its CPU`,
      case: name,
      figure: CLIENT_CPU,
      against: WS_CLIENT.name,
      goal,
      aim: goal / 2,
    })),
  },
  startScript(),
)
