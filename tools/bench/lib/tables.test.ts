import { expect, it } from 'vitest'
import { EXAMPLE } from './example.ts'
import { caseTable, goalsTable, resultsTable } from './tables.ts'

const heading = ['', 'messages/s', '±', 'ours / this', 'CPU/message, µs', '±', 'ours / this']

it('has a row for each contender, and marks a rate that the load generator limited', () => {
  expect(caseTable(EXAMPLE.figures, EXAMPLE.cases[0]!)).toEqual([
    heading,
    ['ours', '20.0', '1 %', '1.00 ×', '1.00', '2 %', '1.00 ×'],
    ['theirs', '10.0*', '3 %', '2.00 ×', '2.00', '4 %', '0.50 ×'],
  ])
})

it('has no spread of one round', () => {
  const [one] = EXAMPLE.cases
  const contenders = one!.contenders.map(contender => ({ ...contender, rounds: [{}] }))
  expect(caseTable(EXAMPLE.figures, { ...one!, contenders })[1]).toEqual([
    ...['ours', '20.0', '–', '1.00 ×', '1.00', '–', '1.00 ×'],
  ])
})

it('names the case where there are several', () => {
  const table = resultsTable(EXAMPLE)
  expect(table.map(row => row.slice(0, 3))).toEqual([
    ['', '', 'messages/s'],
    ['10 connections', 'ours', '20.0'],
    ['10 connections', 'theirs', '10.0*'],
    ['100 connections', 'ours', '200'],
    ['100 connections', 'theirs', '100*'],
  ])
  expect(resultsTable({ ...EXAMPLE, cases: EXAMPLE.cases.slice(0, 1) })[0]).toEqual(heading)
})

it('has a row for each goal', () => {
  expect(goalsTable(EXAMPLE.goals)[1]).toEqual([
    'an example: messages per second',
    'theirs',
    '2.00 ×',
    '1.90 × – 2.10 ×',
    '≥ 5.00 ×',
    '≥ 10.0 ×',
    'missed',
  ])
})
