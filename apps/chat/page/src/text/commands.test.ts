import fc from 'fast-check'
import { expect, it } from 'vitest'
import { Mentionable } from '../../../src/text/mentionable.ts'
import { COMMANDS, readCommand } from './commands.ts'
import { isMentioned } from './mention.ts'
import { makeVisible } from './visible.ts'

it.each<[string, object]>([
  ['hello /me', { kind: 'say', body: 'hello /me' }],
  ['//etc', { kind: 'say', body: '/etc' }],
  ['/me waves', { kind: 'say', body: 'waves', as: 'me' }],
  ['/ME  waves', { kind: 'say', body: 'waves', as: 'me' }],
  ['/topic', { kind: 'show-topic' }],
  ['/topic off', { kind: 'topic', topic: '' }],
  ['/topic All of it', { kind: 'topic', topic: 'All of it' }],
  ['/nick Ada Lovelace', { kind: 'nick', nick: 'Ada Lovelace' }],
  ['/join #Tea', { kind: 'join', room: 'tea' }],
  ['/leave', { kind: 'leave' }],
  ['/login', { kind: 'login', nick: '' }],
  ['/register Ada', { kind: 'register', nick: 'Ada' }],
  ['/kick @Bob', { kind: 'moderate', op: 'kick', nick: 'Bob' }],
  ['/kick "Bob B" be kind', { kind: 'moderate', op: 'kick', nick: 'Bob B', why: 'be kind' }],
  ['/ban Bob 2h spam', { kind: 'moderate', op: 'ban', nick: 'Bob', secs: 7200, why: 'spam' }],
  ['/ban Bob spam', { kind: 'moderate', op: 'ban', nick: 'Bob', why: 'spam' }],
  [
    '/ban-address Bob 2h spam',
    { kind: 'moderate', op: 'ban', nick: 'Bob', address: true, secs: 7200, why: 'spam' },
  ],
  ['/unban Bob', { kind: 'moderate', op: 'unban', nick: 'Bob' }],
  ['/mute Bob off', { kind: 'moderate', op: 'mute', nick: 'Bob', secs: 0 }],
  ['/lock', { kind: 'moderate', op: 'lock', on: true }],
  ['/lock off', { kind: 'moderate', op: 'lock', on: false }],
  ['/slow 30', { kind: 'moderate', op: 'slow', secs: 30 }],
  ['/remove-room', { kind: 'remove-room' }],
  ['/help', { kind: 'help' }],
])('%s', (text, expected) => {
  expect(readCommand(text)).toEqual(expected)
})

it.each([
  ['/me', /\/me waves/],
  ['/nick', /\/nick NAME/],
  ['/join', /\/join ROOM/],
  ['/leave now', /\/leave$/],
  ['/remove-room tea', /\/remove-room$/],
  ['/kick', /\/kick NAME/],
  ['/unban Bob now', /\/unban NAME/],
  ['/lock maybe', /\/lock \[off\]/],
  ['/slow soon', /\/slow 30s/],
  ['/', /Unknown command/],
  ['/usr/bin', /Unknown command: \/usr\/bin.*\/\/ to start/],
  ['/constructor', /Unknown command/],
])('shows the usage of %s', (text, expected) => {
  expect(readCommand(text)).toEqual({ kind: 'wrong', why: expect.stringMatching(expected) })
})

it('reads any text', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), text => void readCommand(`/${text}`)))
  expect(COMMANDS.length).toBeGreaterThan(12)
})

it.each([
  ['@ann hi', true],
  ['hi @Ann!', true],
  ['hi @ANN', true],
  ['hi ann', false],
  ['hi @anna', false],
  ['mail@ann', false],
  ['@anna and @ann', true],
])('finds Ann in %s: %s', (text, expected) => {
  expect(isMentioned('Ann', text, new Mentionable(['Ann', 'Anna']))).toBe(expected)
})

it('shows hidden characters', () => {
  expect(makeVisible('a\u202eb\0c\u2028\td\ne\u200df')).toBe('a\ufffdb\u2400c\ufffd\td\ne\u200df')
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), text => {
      expect(makeVisible(text)).toHaveLength(text.length)
    }),
  )
})
