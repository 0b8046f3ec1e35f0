// A publisher against a scripted server.

import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { WebSocketServer } from 'ws'
import { Journal, readRoom } from '../journal/journal.ts'
import { journalsOfTest } from '../test/journals.ts'
import type { ServerMessage } from './connection.ts'
import { Publisher } from './publisher.ts'

type Request = ServerMessage & { readonly id: number; readonly cid?: string }

/** The reply to a request; `cut` ends the connection instead. */
type Answer = Readonly<Record<string, unknown>> | 'cut'

/** The correct reply: a token, a position. */
function rightAnswer({ t }: Request, count: number): Answer {
  return {
    t: 'ok',
    ...(t === 'hello' && { token: 'a token' }),
    ...(['send', 'edit', 'react'].includes(t) && { epoch: 'e', seq: count }),
  }
}

/**
 * Starts a server with scripted or correct replies, and a publisher with one message in progress at
 * a time and this many to send.
 */
async function start(
  quota: number,
  answer: (request: Request, count: number) => Answer | undefined,
  changes = false,
) {
  const requests: Request[] = []
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  await once(server, 'listening')
  server.on('connection', socket =>
    socket.on('message', data => {
      const request: Request = JSON.parse(String(data))
      requests.push(request)
      const count = requests.filter(({ t }) => t === request.t).length
      const reply = answer(request, count) ?? rightAnswer(request, count)
      if (reply === 'cut') socket.terminate()
      else socket.send(JSON.stringify({ id: request.id, ...reply }))
    }),
  )
  const journals = journalsOfTest()
  const { port } = server.address() as AddressInfo
  const publisher = new Publisher({
    name: 'ann',
    room: 'room',
    rough: false,
    journals,
    window: 1,
    quota,
    changes,
    ways: [() => port],
    random: () => 0,
    patience: 1000,
  })
  onTestFinished(async () => {
    await publisher[Symbol.asyncDispose]()
    server.close()
  })
  return {
    publisher,
    requests,
    /** Its actions, in a word each. */
    async done() {
      await publisher.finish(5000)
      await publisher[Symbol.asyncDispose]()
      Journal.ofReadings(journals, 'room')
      const [ann] = readRoom(journals, 'room').publishers
      return ann!.records.map(record => ('id' in record ? `${record.t} ${record.id}` : record.t))
    },
  }
}

function refusal(temporary: boolean): Answer {
  return {
    t: 'err',
    code: temporary ? 'unavailable' : 'bad_request',
    msg: '',
    ...(temporary && { temporary }),
  }
}

test('a message that was refused temporarily is sent again with the same client id', async () => {
  const { publisher, requests, done } = await start(2, ({ t }, count) =>
    t === 'send' && count === 1 ? refusal(true) : undefined,
  )
  await publisher.publish(0, 5000)
  expect(await done()).toEqual([
    'sent ann#1',
    'refused ann#1',
    'sent ann#1',
    'acknowledged ann#1',
    'sent ann#2',
    'acknowledged ann#2',
    'cut',
  ])
  const cids = requests.filter(({ t }) => t === 'send').map(({ cid }) => cid)
  expect(cids).toEqual(['ann_1', 'ann_1', 'ann_2'])
  expect(publisher.acknowledged).toBe(2)
})

test('a message that was refused for good is not sent again', async () => {
  const { publisher, done } = await start(2, ({ t }, count) =>
    t === 'send' && count === 1 ? refusal(false) : undefined,
  )
  await publisher.publish(0, 5000)
  expect(await done()).toEqual(['sent ann#1', 'refused ann#1', 'sent ann#2', 'acknowledged ann#2', 'cut'])
  expect(publisher.acknowledged).toBe(1)
})

test('messages in progress at the end of a connection are sent again by the same user', async () => {
  const { publisher, requests, done } = await start(1, ({ t }, count) =>
    t === 'send' && count === 1 ? 'cut' : undefined,
  )
  await publisher.publish(0, 5000)
  expect(await done()).toEqual(['sent ann#1', 'cut', 'sent ann#1', 'acknowledged ann#1', 'cut'])
  expect(requests.filter(({ t }) => t === 'hello')).toMatchObject([{ nick: 'ann' }, { token: 'a token' }])
})

test('an unknown publisher starts again as another user, and abandons the messages in progress', async () => {
  const unknown = { t: 'err', code: 'unauthorized', msg: '' }
  const { publisher, requests, done } = await start(2, ({ t }, count) => {
    if (t === 'send' && count === 1) return 'cut'
    return t === 'hello' && count === 2 ? unknown : undefined
  })
  await publisher.publish(0, 5000)
  expect(await done()).toEqual(['sent ann#1', 'cut', 'forgotten', 'sent ann#2', 'acknowledged ann#2', 'cut'])
  expect(requests.filter(({ t }) => t === 'hello').at(-1)).toMatchObject({ nick: 'ann 2' })
})

test('some requests are an edit of the last message and a reaction to it, with the same text in a retry', async () => {
  let isCut = false
  const answer = ({ t }: Request): Answer | undefined => {
    if (t !== 'edit' || isCut) return undefined
    isCut = true
    return 'cut'
  }
  const { publisher, requests, done } = await start(8, answer, true)
  await publisher.publish(0, 5000)
  const sent = (await done()).filter(record => record.startsWith('sent'))
  expect(sent.slice(4)).toEqual(['sent ann#5', 'sent ann#6', 'sent ann#6', 'sent react-5', 'sent ann#8'])
  const edits = requests.filter(({ t }) => t === 'edit')
  expect(edits).toMatchObject([
    { cid: 'ann_6', seq: 5 },
    { cid: 'ann_6', seq: 5 },
  ])
  expect(requests.filter(({ t }) => t === 'react')).toMatchObject([{ cid: 'react-5', seq: 5, on: true }])
})
