// docs/conformance.md, made of the inventory: a reader of the RFC finds in it the proof of each MUST.

import { findProof } from './find-proof.ts'
import { type Proof, type Requirement, type Section, sections } from './requirements.ts'

/** Where it stands. */
export const DOCUMENT: URL = new URL('../../../docs/conformance.md', import.meta.url)

/** The whole text of it. */
export function writeDocument(): string {
  return [introduce(), ...sections.map(writeSection)].join('\n')
}

function introduce(): string {
  const all = sections.flatMap(section => section.requirements)
  const ours = all.filter(requirement => 'proofs' in requirement)
  return `# Conformance to RFC 6455

Every MUST and MUST NOT of RFC 6455 §4 to §8 in the order of the RFC, and the tests that prove it: ${all.length} sentences,
of which ${ours.length} are ours to obey and ${all.length - ours.length} are not, for the reason given. A test is named by a part of its name, \`…\` standing for
the part that differs between its cases; it is in the linked file. The layout of frames is proved without a connection, and the
behavior of a connection without a socket, both over every segmentation of the bytes. Beside these, the
[conformance cases](conformance-results.md) test our server and our client through real sockets. This file is written by
\`node tools/proofs/requirements/main.ts\` from \`tools/proofs/requirements/requirements.ts\`; tests check that it is up to date and that
each test it names exists.
`
}

function writeSection({ number, title, requirements }: Section): string {
  const rows = requirements.map(
    requirement => `| ${fitCell(requirement.quote)} | ${writeProofs(requirement)} |`,
  )
  return [`## §${number} ${title}`, '', '| requirement | proof |', '| --- | --- |', ...rows, ''].join('\n')
}

function writeProofs(requirement: Requirement): string {
  if ('notOurs' in requirement) return `not ours: ${fitCell(requirement.notOurs)}`
  return requirement.proofs.map(writeProof).join('<br>')
}

function writeProof(proof: Proof): string {
  const name = proof.test.trim().replace(/%[ijs]/g, '…')
  const [file] = findProof(proof)
  return `[${proof.package}](../${file}): ${fitCell(name)}`
}

/** Keeps a text in its cell. */
function fitCell(text: string): string {
  return text.replaceAll('|', '\\|')
}
