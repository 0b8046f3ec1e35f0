import { expect, test } from 'vitest'
import { didYouMean } from './did-you-mean.ts'

const KNOWN = ['maxMessageSize', 'maxFragments', 'data', 'protocol', 'headers']

test.each([
  ['maxMesageSize', 'maxMessageSize'],
  ['maxmessagesize', 'maxMessageSize'],
  ['dat', 'data'],
  ['protocols', 'protocol'],
  ['header', 'headers'],
])('suggests for %s the known name %s', (name, meant) => {
  expect(didYouMean(name, KNOWN)).toBe(` (did you mean "${meant}"?)`)
})

test.each(['user', '', 'x', 'fragments'])('lists all known names for %j, which is like none', name => {
  expect(didYouMean(name, KNOWN)).toBe(
    ' (expected one of maxMessageSize, maxFragments, data, protocol, headers)',
  )
})
