#!/usr/bin/env node
// ws-chat: checks the version of Node before loading the program, because older versions lack
// node:sqlite.

import { complainOfNode } from './node-version.ts'

const complaint = complainOfNode(process.versions.node)
if (complaint === undefined) {
  const { runProgram } = await import('./program.ts')
  await runProgram(process.argv.slice(2), process.env)
} else {
  console.error(complaint)
  process.exitCode = 1
}
