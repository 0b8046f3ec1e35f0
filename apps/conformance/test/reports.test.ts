import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { compareResults, readExpectations, updateExpectations } from '../src/expectations.ts'
import { renderAnnotations } from '../src/report/annotations.ts'
import { reportFileName, writeReports } from '../src/report/folder.ts'
import { renderJunit } from '../src/report/junit.ts'
import { createResult } from './results.ts'

const FAILED = {
  behavior: 'FAILED',
  behaviorClose: 'WRONG CODE',
  result: 'the events are not those expected',
  resultClose: 'the peer closed with 1000, and should have used 1002',
} as const
const results = [
  createResult('1.1.1'),
  createResult('3.1', FAILED),
  createResult('6.4.1', { behavior: 'NON-STRICT' }),
  createResult('12.1.1', { behavior: 'UNIMPLEMENTED' }),
]

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ws-conformance-'))
})
afterAll(() => rm(folder, { recursive: true }))

test('the name of a report has the agent and the case', () => {
  expect(reportFileName('My Server/1.0', '9.1.6')).toBe('my_server_1_0_case_9_1_6.json')
})

describe('the folder of reports', () => {
  test('has an index by agent and case, and a report for each case', async () => {
    await writeReports(folder, 'one', results)
    const index = JSON.parse(await readFile(join(folder, 'index.json'), 'utf8'))
    expect(index.one['3.1']).toEqual({
      behavior: 'FAILED',
      behaviorClose: 'WRONG CODE',
      duration: 12,
      remoteCloseCode: null,
      reportfile: 'one_case_3_1.json',
    })
    const report = JSON.parse(await readFile(join(folder, 'one_case_3_1.json'), 'utf8'))
    expect(report).toMatchObject({
      id: '3.1',
      agent: 'one',
      isServer: false,
      expected: { OK: [] },
      expectedClose: { closedByMe: false, closeCode: [1002], requireClean: false },
      started: '1970-01-01T00:00:00.000Z',
    })
    expect(report.wirelog).toHaveLength(1)
  })

  test('keeps the reports of other agents', async () => {
    await writeReports(folder, 'two', [createResult('1.1.1')])
    const index = JSON.parse(await readFile(join(folder, 'index.json'), 'utf8'))
    expect(Object.keys(index)).toEqual(['one', 'two'])
    expect(await readdir(folder)).toContain('two_case_1_1_1.json')
  })
})

test('JUnit has a suite for each group, failures and skipped cases', () => {
  const text = renderJunit('a "server"', results, false)
  expect(text).toContain('<testsuites name="a &quot;server&quot;">')
  expect(text.match(/<testsuite /g)).toHaveLength(4)
  expect(text.match(/<failure /g)).toHaveLength(1)
  expect(text).toContain('<skipped/>')
  expect(renderJunit('x', results, true).match(/<failure /g)).toHaveLength(2)
})

test('JUnit has no characters that XML does not allow', () => {
  const text = renderJunit('x', [createResult('1.1.1', { ...FAILED, result: 'a\u0000b<&>' })], false)
  expect(text).toContain('a\ufffdb&lt;&amp;&gt;')
})

test('annotations are errors for failures and warnings for what is not strict', () => {
  expect(renderAnnotations(results, false)).toEqual([
    '::error title=3.1 A text with reserved bits 001::the events are not those expected; the peer closed with 1000, and should have used 1002 (RFC 6455 §5.2)',
    expect.stringMatching(/^::warning title=6\.4\.1 /),
  ])
})

describe('expected verdicts', () => {
  test('a file has the verdicts that are not OK, and others are kept', async () => {
    const path = join(folder, 'expected.json')
    await updateExpectations(path, results)
    expect(await readExpectations(path)).toEqual({
      '3.1': 'FAILED / WRONG CODE',
      '6.4.1': 'NON-STRICT',
      '12.1.1': 'UNIMPLEMENTED',
    })
    await updateExpectations(path, [createResult('3.1')])
    expect(Object.keys(await readExpectations(path))).toEqual(['6.4.1', '12.1.1'])
  })

  test('a verdict that got worse is a difference, and one that got better too', () => {
    const differences = compareResults(results, {
      '1.1.1': 'FAILED',
      '3.1': 'FAILED / WRONG CODE',
      '6.4.1': 'NON-STRICT',
    })
    expect(differences.map(({ result, expected, actual }) => [result.case.id, expected, actual])).toEqual([
      ['1.1.1', 'FAILED', 'OK'],
      ['12.1.1', 'OK', 'UNIMPLEMENTED'],
    ])
  })

  test('a missing or wrong file is a mistake that names the file', async () => {
    await expect(readExpectations(join(folder, 'none.json'))).rejects.toThrow(/cannot read .*none\.json/)
    await expect(readExpectations(join(folder, 'report.html'))).rejects.toThrow(
      'must be a JSON object of verdicts',
    )
  })
})
