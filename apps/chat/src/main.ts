#!/usr/bin/env node
// ws-chat: makes sure of Node before it loads the program, for an older Node has no node:sqlite and would only say so in its own words.

import { complainOfNode } from './node-version.ts'

const complaint = complainOfNode(process.versions.node)
if (complaint === undefined) {
  const { runProgram } = await import('./program.ts')
  await runProgram(process.argv.slice(2), process.env)
} else {
  console.error(complaint)
  process.exitCode = 1
}
