import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import type { CaseResult } from '../src/result.ts'
import { CaseServer } from '../src/roles/listen.ts'
import { selectCases } from '../src/select.ts'
import { exceptionsOf } from './run.ts'

const ONLY = ['1.*', '2.*', '3.*', '4.*', '5.*', '6.1.*', '6.2.*', '6.20.*', '7.*', '12.1.3', '13.*.2']
const list = selectCases('client', { only: ONLY })
const updates: string[] = []
let stops = 0
let url: string

const server = new CaseServer({
  list,
  patience: 10_000,
  onResult: () => undefined,
  onUpdate: async agent => void updates.push(agent),
  onStop: () => stops++,
})
beforeAll(async () => {
  url = `ws://127.0.0.1:${await server.listen(0, '127.0.0.1')}`
})
afterAll(() => server.close())

/** The messages of a connection, and the code of its Close. */
function talk(path: string, ...sent: string[]): Promise<{ messages: string[]; code: number }> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url + path)
    const messages: string[] = []
    socket.on('open', () => {
      for (const text of sent) socket.send(text)
    })
    socket.on('message', (data: Buffer) => void messages.push(data.toString()))
    socket.on('close', code => resolve({ messages, code }))
    socket.on('error', reject)
  })
}

/** Runs a case with the client of the npm package ws as an echo. */
function echo(query: string): Promise<void> {
  return new Promise(resolve => {
    const socket = new WebSocket(`${url}/runCase?${query}`)
    socket.on('message', (data, binary) => socket.send(data as Buffer, { binary }))
    socket.on('close', () => resolve())
    socket.on('error', () => undefined)
  })
}

test('a driver runs all cases with the client of ws', async () => {
  const { messages, code } = await talk('/getCaseCount')
  expect({ messages, code }).toEqual({ messages: [String(list.length)], code: 1005 })
  for (let number = 1; number <= list.length; number++) await echo(`case=${number}&agent=ws`)
  const results = server.results().get('ws') as CaseResult[]
  expect(results).toHaveLength(list.length)
  expect(exceptionsOf(results)).toEqual({
    '7.1.6': 'INFORMATIONAL / INFORMATIONAL',
    '7.13.1': 'INFORMATIONAL / INFORMATIONAL',
    '7.13.2': 'INFORMATIONAL / INFORMATIONAL',
  })
})

test('casetuple names a case by its id, and case wins if both are given', async () => {
  await echo('casetuple=2.1&agent=by-id')
  await echo('casetuple=2.1&case=1&agent=by-id')
  expect(
    server
      .results()
      .get('by-id')!
      .map(({ case: { id } }) => id),
  ).toEqual(['1.1.1', '2.1'])
})

test('the status of a case is held back until the client has finished it', async () => {
  const status = talk('/getCaseStatus?case=1&agent=late')
  await echo('case=1&agent=late')
  expect((await status).messages).toEqual(['{"behavior":"OK"}'])
})

test('the description of a case has its id', async () => {
  const { messages } = await talk('/getCaseInfo?case=1')
  expect(JSON.parse(messages[0]!)).toMatchObject({
    id: '1.1.1',
    description: expect.stringContaining('0 octets'),
  })
})

test('/updateReports asks for the reports of one client', async () => {
  expect((await talk('/updateReports?agent=me')).code).toBe(1005)
  expect(updates).toContain('me')
})

test('/stopServer and shutdownOnComplete end the run', async () => {
  await talk('/updateReports?agent=me&shutdownOnComplete=true')
  await talk('/stopServer')
  await expect.poll(() => stops).toBe(2)
})

describe('a wrong request is answered with 500', () => {
  test.each([
    '/runCase',
    '/runCase?case=1',
    '/runCase?agent=me',
    '/runCase?case=0&agent=me',
    '/runCase?case=999&agent=me',
    '/runCase?case=1e0&agent=me',
    '/runCase?casetuple=99.9&agent=me',
    '/getCaseInfo',
    '/getCaseStatus?case=1',
    '/updateReports',
  ])('%s', async path => {
    await expect(talk(path)).rejects.toThrow('Unexpected server response: 500')
  })
})

describe('other paths obey commands', () => {
  test('echo and close', async () => {
    expect(
      await talk('/', '["echo",{"payload":"ab","payload_len":5}]', '["close",{"code":4000,"reason":"bye"}]'),
    ).toEqual({ messages: ['ababa'], code: 4000 })
  })

  test('sendframe writes a frame as it is', async () => {
    const frames =
      '["sendframes",[{"opcode":1,"payload":"a","fin":false},{"opcode":0,"payload":"b","chopsize":1}]]'
    const { messages } = await talk(
      '/',
      '["sendframe",{"opcode":1,"payload":"x"}]',
      frames,
      '["close",{"code":1000}]',
    )
    expect(messages).toEqual(expect.arrayContaining(['x', 'ab']))
  })

  test('anything else is answered with 1008', async () => {
    for (const text of ['no JSON', '{}', '["fly",{}]']) expect((await talk('/', text)).code).toBe(1008)
  })
})
