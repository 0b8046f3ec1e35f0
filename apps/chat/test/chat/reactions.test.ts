// Reactions: exactly one emoji each, in one form; those of before keep working.

import { expect, test } from 'vitest'
import { nextCid, type Started, startChat } from './start.ts'

type Member = Awaited<ReturnType<Started['member']>>

/** A chat with one message, number 2 of the room, and a user who reacts to it. */
async function startWithMessage() {
  const started = await startChat()
  const ann = await started.member('Ann', 'garden')
  const { seq } = await ann.ask('send', { room: 'garden', cid: nextCid(), body: 'hi' })
  return Object.assign(started, {
    ann,
    react: (emoji: string, on = true) => ann.ask('react', { room: 'garden', cid: nextCid(), seq, emoji, on }),
    refused: (emoji: string, on = true) =>
      ann.refusal('react', { room: 'garden', cid: nextCid(), seq, emoji, on }),
    reactions: () => reactionsOf(ann, seq),
    /** As a chat of an earlier version stored it. */
    async storeOld(emoji: string) {
      const user = { id: 'old', nick: 'Old' }
      await started.engine.publish('garden', {
        kind: 'react',
        data: { seq, emoji, on: true },
        cid: nextCid(),
        user,
      })
    },
  })
}

async function reactionsOf(client: Member, seq: number) {
  const { log } = await client.ask('history', { room: 'garden', around: seq, limit: 1 })
  return Object.fromEntries(
    Object.entries(log[0]?.fold?.reactions ?? {}).map(([emoji, users]) => [emoji, users.length]),
  )
}

test('spellings of an emoji with and without a variation selector are one reaction', async () => {
  await using chat = await startWithMessage()
  const bob = await chat.member('Bob', 'garden')
  await chat.react('👍\uFE0F')
  await bob.ask('react', { room: 'garden', cid: nextCid(), seq: 2, emoji: '👍', on: true })
  await chat.react('❤')
  expect(await chat.reactions()).toEqual({ '👍': 2, '❤️': 1 })
  await chat.react('👍\uFE0F', false)
  await chat.react('❤', false)
  expect(await chat.reactions()).toEqual({ '👍': 1 })
})

test.each(['lol', '\u200B', '\u202E', '👍👍', 'ש', '👍\u200D'])('%j is not a reaction', async text => {
  await using chat = await startWithMessage()
  expect(await chat.refused(text)).toMatchObject({
    code: 'bad_request',
    msg: expect.stringMatching(/^emoji must be /),
  })
  expect(await chat.refused(text, false)).toMatchObject({ code: 'bad_request' })
  expect(await chat.reactions()).toEqual({})
})

test('a reaction that an earlier version stored can be shared and taken back', async () => {
  await using chat = await startWithMessage()
  await chat.storeOld('+1')
  await chat.react('+1')
  expect(await chat.reactions()).toEqual({ '+1': 2 })
  await chat.react('+1', false)
  expect(await chat.reactions()).toEqual({ '+1': 1 })
  expect(await chat.refused('+2')).toMatchObject({ code: 'bad_request' })
})

test('an emoji joins the reaction that an earlier version stored in another spelling', async () => {
  await using chat = await startWithMessage()
  await chat.storeOld('👍\uFE0F')
  await chat.react('👍')
  expect(await chat.reactions()).toEqual({ '👍\uFE0F': 2 })
  await chat.react('👍', false)
  expect(await chat.reactions()).toEqual({ '👍\uFE0F': 1 })
})
