// A comparison from end to end: server and load as processes, a table, results. So short that its figures say nothing.

import { rm } from 'node:fs/promises'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { compare } from '../lib/compare.ts'
import { type Contender, NET, OURS } from '../lib/contenders.ts'
import { CPU, LOAD_SHARE, RATE, SERVER_SHARE } from '../lib/figures.ts'
import { underLoad } from '../lib/measures.ts'
import { readResults } from '../lib/results.ts'
import { ServerProcess } from '../lib/run.ts'
import { canMeasure } from './can-measure.ts'

const name = 'test-of-compare'
const settings = { rounds: 1, warmup: 50, duration: 150, quick: true }
const absent: Contender = {
  name: 'absent',
  description: 'somebody who cannot be had',
  raw: false,
  optional: true,
  command: () => {
    throw new Error('it cannot be installed')
  },
}
const broken: Contender = {
  ...absent,
  name: 'broken',
  command: () => [process.execPath, '--eval', 'throw new Error("it does not load")'],
}

afterEach(() => {
  vi.restoreAllMocks()
})

describe.skipIf(!canMeasure)('compare', () => {
  it('measures ours and the floor, and says who is left out', async () => {
    const log = vi.spyOn(console, 'log').mockImplementation(() => {})
    vi.spyOn(process.stderr, 'write').mockReturnValue(true)
    const results = await compare(
      {
        name,
        title: 'A test',
        contenders: [OURS, NET, absent, broken],
        figures: [CPU, RATE, SERVER_SHARE, LOAD_SHARE],
        cases: [{ name: 'echo', measure: underLoad('echo', { kind: 'echo', connections: 10, inFlight: 4 }) }],
        goals: [
          { work: 'echo', figure: CPU, against: NET.name, goal: 1e6 },
          { work: 'echo', figure: CPU, against: absent.name, goal: 1e6 },
        ],
      },
      settings,
    )
    expect(readResults(name, true)).toEqual(results)
    await rm(new URL(`../results/quick/${name}.json`, import.meta.url))

    const [ours, net] = results.cases[0]!.contenders
    expect([ours!.name, net!.name]).toEqual([OURS.name, NET.name])
    for (const { medians } of [ours!, net!]) {
      expect(medians.rate).toBeGreaterThan(100)
      expect(medians.cpu).toBeGreaterThan(0)
      expect(medians.server).toBeLessThan(120)
    }
    expect(results.leftOut.map(({ name }) => name)).toEqual(['absent', 'broken'])
    expect(results.leftOut[1]!.why).toContain('it does not load')
    expect(results.goals.map(({ verdict }) => verdict)).toEqual(['met', 'not measured'])
    const printed = log.mock.calls.flat().join('\n')
    expect(printed).toContain('absent is left out: it cannot be installed')
    expect(printed).toMatch(/^@ws\/server +[\d.]+ +– +1\.00 ×/m)
  })

  it('fails if one does not start that must', async () => {
    vi.spyOn(console, 'log').mockImplementation(() => {})
    const contenders = [{ ...broken, optional: false }]
    const comparison = { name, title: 'A test', contenders, figures: [CPU], cases: [] }
    await expect(compare(comparison, settings)).rejects.toThrow('it does not load')
  })

  it('says when the server dies under load', async () => {
    const mortal: Contender = {
      ...broken,
      name: 'mortal',
      raw: true,
      command: () => [process.execPath, '--eval', MORTAL],
    }
    await using server = await ServerProcess.start(mortal, 'echo')
    await expect(server.run({ warmup: 20, duration: 5000 })).rejects.toThrow(
      /^mortal: it ended with code 7 under load\nit was too much$/,
    )
  })
})

/** Echoes like bare node:net, for a moment. */
const MORTAL = `
  import('node:net').then(({ createServer }) => {
    const server = createServer(socket => {
      socket.on('error', () => {})
      socket.once('data', () => {
        socket.write('HTTP/1.1 101 X\\r\\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\\r\\n\\r\\n')
        socket.on('data', chunk => socket.write(chunk))
      })
    })
    server.listen(0, '127.0.0.1', () => {
      console.log(server.address().port)
      setTimeout(() => {
        console.error('it was too much')
        process.exit(7)
      }, 300)
    })
  })`
