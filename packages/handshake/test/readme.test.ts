import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { runReadme } from '@ws/testing'
import { expect, test } from 'vitest'
import * as handshake from '../src/index.ts'
import { ACCEPT } from './example.ts'

const folder = join(import.meta.dirname, '..')
const readme = await readFile(join(folder, 'README.md'), 'utf8')

test('the program prints the output shown', async () => {
  const { stdout } = await runReadme(folder, 0)
  expect(stdout).toBe(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${ACCEPT}\r\n\r\n\n`,
  )
})

test('names all exports and fits in 80 lines', () => {
  for (const name of Object.keys(handshake)) expect(readme).toMatch(new RegExp(`\\b${name}\\b`))
  expect(readme.split('\n').length).toBeLessThanOrEqual(81)
})
