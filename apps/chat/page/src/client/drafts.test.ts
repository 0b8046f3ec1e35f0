import { expect, it } from 'vitest'
import { Drafts } from './drafts.ts'
import { MemoryStorage } from './memory-storage.ts'

it('a draft survives a reload, for its user and its room', () => {
  const storage = new MemoryStorage()
  new Drafts(storage).set('ann', 'tea', 'half a sen')
  const drafts = new Drafts(storage)
  expect([drafts.get('ann', 'tea'), drafts.get('ann', 'lobby'), drafts.get('ben', 'tea')]).toEqual([
    'half a sen',
    '',
    '',
  ])
})

it('an empty draft takes no storage', () => {
  const storage = new MemoryStorage()
  const drafts = new Drafts(storage)
  drafts.set('ann', 'tea', 'x')
  drafts.set('ann', 'tea', '')
  expect([drafts.get('ann', 'tea'), storage.length]).toEqual(['', 0])
})

it('a draft lasts as long as the page when the storage is full', () => {
  const storage = new MemoryStorage()
  storage.isFull = true
  const drafts = new Drafts(storage)
  drafts.set('ann', 'tea', 'x')
  expect(drafts.get('ann', 'tea')).toBe('x')
})

it('signing out removes the drafts of this user only', () => {
  const storage = new MemoryStorage()
  const drafts = new Drafts(storage)
  for (const user of ['ann', 'ben']) for (const room of ['tea', 'lobby']) drafts.set(user, room, user)
  drafts.clear('ann')
  expect([drafts.get('ann', 'tea'), drafts.get('ben', 'tea'), storage.length]).toEqual(['', 'ben', 2])
})
