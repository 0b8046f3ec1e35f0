// Each fault fails the cases in the table, and no others. `UPDATE=1` writes the table.

import { readFileSync, writeFileSync } from 'node:fs'
import { afterAll, describe, expect, test } from 'vitest'
import { formatVerdict } from '../../src/expectations.ts'
import { targetOf } from '../peers.ts'
import { runCases } from '../run.ts'
import { FAULTS, type Fault } from './faults.ts'
import { startFaulty } from './server.ts'

const FILE = new URL('faults.json', import.meta.url)
const update = process.env.UPDATE !== undefined

/** All but the large cases, and one of the compressed ones. */
const ONLY = [
  ...['1.*', '2.*', '3.*', '4.*', '5.*', '6.*', '7.*', '10.*', '9.1.1', '9.2.1', '9.7.2', '13.2.3'],
  ...['C*', 'D1.*', 'D2.*', 'D3.*', 'D4.*', 'D5.*', 'H*', 'L1.*', 'L2.*', 'L3.*', 'M*', 'P*', 'R*', 'U*'],
]

const TIMED: Fault = 'drops slow frames'

/** Verdicts by fault and case, of the cases that are not OK. */
type Table = Record<string, Record<string, string>>
const table = JSON.parse(readFileSync(FILE, 'utf8')) as Table

async function findFailures(fault?: Fault): Promise<Record<string, string>> {
  await using server = await startFaulty(fault)
  const results = await runCases(targetOf(server.port), ONLY)
  return Object.fromEntries(
    results
      .map(result => [result.case.id, formatVerdict(result)] as const)
      .filter(([, verdict]) => verdict !== 'OK' && verdict !== 'INFORMATIONAL'),
  )
}

test('a server without a fault fails no case', async () => {
  expect(await findFailures()).toEqual({})
})

describe('a server with this fault fails the cases of the table, and only those', () => {
  afterAll(() => {
    if (update) writeFileSync(FILE, `${JSON.stringify(table, null, 2)}\n`)
  })

  async function check(fault: Fault) {
    const failures = await findFailures(fault)
    if (update) table[fault] = failures
    expect(Object.keys(failures)).not.toEqual([])
    expect(failures).toEqual(table[fault])
  }

  // This fault is a matter of time: no other server may keep the process busy.
  test(TIMED, () => check(TIMED))

  // Cases wait more than they work.
  test.concurrent.each(FAULTS.filter(fault => fault !== TIMED))('%s', check)
})
