// The guide about deploying: its program through a restart, its unit and its image through their linters.

import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findFence, startReadme } from '@ws/testing'
import { expect, test } from 'vitest'
import { ROOT } from '../check/documents.ts'
import { Client } from './client.ts'
import { FOLDER } from './programs.ts'

const GUIDE = 'guides/deploying.md'
const text = readFileSync(join(FOLDER, GUIDE), 'utf8')

async function statusOf(url: string): Promise<number> {
  return (await fetch(url, { headers: { Connection: 'close' } })).status
}

test('the program accepts until its delay is over, then sends its clients away with 1012', async () => {
  const env = { PORT: '0', DRAIN_MS: '300' }
  const ready = /^listening on ws:\/\/localhost:(\d+)$/
  await using program = await startReadme(FOLDER, 0, ready, { document: GUIDE, env })
  const host = `localhost:${program.match[1]}`
  expect(await statusOf(`http://${host}/healthz`)).toBe(200)
  expect(await statusOf(`http://${host}/readyz`)).toBe(200)
  expect(await statusOf(`http://${host}/elsewhere`)).toBe(404)
  const early = await Client.open(`ws://${host}`)
  const result = program.stop()
  while ((await statusOf(`http://${host}/readyz`)) !== 503);
  expect(await statusOf(`http://${host}/healthz`)).toBe(200)
  const late = await Client.open(`ws://${host}`)
  expect(await late.ask('hello')).toBe('hello')
  for (const client of [early, late]) expect(await client.closed).toEqual({ code: 1012, reason: 'restart' })
  expect(await result).toMatchObject({ stderr: '', exitCode: 0 })
  expect((await result).stdout).toContain('closed 2 sockets, terminated 0')
})

test('systemd accepts the unit', context => {
  const folder = mkdtempSync(join(tmpdir(), 'unit-'))
  try {
    const unit = join(folder, 'my-server.service')
    const installed = findFence(text, 'ini', 0).replace('/usr/bin/node', process.execPath)
    writeFileSync(unit, installed)
    const { error, stderr } = spawnSync('systemd-analyze', ['verify', unit], { encoding: 'utf8' })
    if (error !== undefined) {
      console.warn('the unit is not verified: systemd-analyze is not installed')
      context.skip()
    }
    expect(stderr.split('\n').filter(line => line.includes('my-server'))).toEqual([])
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('dockerfilelint accepts the image', () => {
  const folder = mkdtempSync(join(tmpdir(), 'image-'))
  try {
    const file = join(folder, 'Dockerfile')
    writeFileSync(file, findFence(text, 'dockerfile', 0))
    const program = join(ROOT, 'docs/node_modules/dockerfilelint/bin/dockerfilelint')
    const { stdout, status } = spawnSync(process.execPath, [program, '--output', 'json', file], {
      encoding: 'utf8',
    })
    expect(JSON.parse(stdout)).toMatchObject({ totalIssues: 0 })
    expect(status).toBe(0)
  } finally {
    rmSync(folder, { recursive: true })
  }
})
