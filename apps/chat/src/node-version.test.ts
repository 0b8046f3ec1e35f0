import { expect, test } from 'vitest'
import { complainOfNode } from './node-version.ts'

test.each(['24.15.0', '24.15.1', '24.16.0', '25.0.0', '26.10.0', '100.0.0', '24.15.0-nightly2026'])(
  'Node %s is accepted',
  version => {
    expect(complainOfNode(version)).toBeUndefined()
  },
)

test.each(['24.14.9', '24.9.0', '24.2.99', '23.99.99', '20.20.2', '9.9.9'])('Node %s is too old', version => {
  expect(complainOfNode(version)).toBe(`ws-chat needs Node 24.15.0 or newer, and this is Node ${version}`)
})
