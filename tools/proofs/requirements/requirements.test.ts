// The inventory does not lie: each test that it names exists, and what it says is what the document says.

import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { DOCUMENT, writeDocument } from './document.ts'
import { findProof } from './find-proof.ts'
import { sections } from './requirements.ts'

const all = sections.flatMap(({ number, requirements }) =>
  requirements.map(requirement => ({ number, ...requirement })),
)

describe.each(all)('§$number: $quote', requirement => {
  if ('proofs' in requirement) {
    test.each(requirement.proofs)('is proved in $package: $test', proof => {
      expect(findProof(proof)).toHaveLength(1)
    })
  } else test('is for somebody else', () => expect(requirement.notOurs).not.toBe(''))
})

test('each sentence says must, stands here once, and has a proof or a reason', () => {
  for (const requirement of all) {
    expect(requirement.quote).toMatch(/\b(MUST|must)\b/)
    expect(requirement).not.toHaveProperty('proofs', [])
  }
  expect(new Set(all.map(({ number, quote }) => `${number} ${quote}`)).size).toBe(all.length)
})

test('sections stand in the order of the RFC, and none of §4 to §8 that has a MUST is left out', () => {
  expect(sections.map(({ number }) => number).join(' ')).toBe(
    '4.1 4.2.1 4.2.2 4.3 4.4 5.1 5.2 5.3 5.4 5.5 5.5.1 5.5.2 5.5.3 5.6 5.8 6.1 6.2 7.1.2 7.1.7 7.2.1 7.2.2 7.4.1 8.1',
  )
})

test('a name that nobody has is found nowhere, nor is one that stands in a comment only', () => {
  expect(findProof({ package: 'protocol', test: 'a name that nobody has' })).toEqual([])
  expect(findProof({ package: 'protocol', test: 'RFC 6455, section by section' })).toEqual([])
})

test('docs/conformance.md is up to date: node tools/proofs/requirements/main.ts writes it', () => {
  expect(readFileSync(DOCUMENT, 'utf8')).toBe(writeDocument())
})
