// What the server answers over HTTP besides the page.

import { readFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createPaths } from '../src/bench/paths.ts'
import { type Echo, startEcho } from '../src/echo.ts'
import { exampleOf, formatTable } from '../src/http/help.ts'
import { readCommand } from '../src/options.ts'

let echo: Echo

beforeEach(async () => {
  const command = readCommand(['--port', '0'])
  if (command.kind !== 'run') throw new Error('not a command to run')
  echo = await startEcho(command.options)
})
afterEach(() => echo.close())

function ask(path: string, init: RequestInit = {}): Promise<Response> {
  return fetch(`http://127.0.0.1:${echo.port}${path}`, { ...init, headers: { connection: 'close' } })
}

test('GET /help lists every path with every parameter', async () => {
  const response = await ask('/help')
  expect(response.headers.get('content-type')).toBe('text/plain; charset=utf-8')
  const help = await response.text()
  for (const { usage, parameters, about } of createPaths()) {
    expect(help).toContain(`${exampleOf(usage, parameters)}\n    ${about}\n`)
  }
  for (const name of ['delay', 'jitter', 'fragment', 'ping', 'rate', 'compress']) {
    expect(help).toMatch(new RegExp(`^ {4}${name}=`, 'm'))
  }
  expect(help).toContain('600 s, 100000000 bytes of messages')
})

test('GET /healthz is ok', async () => {
  const response = await ask('/healthz')
  expect([response.status, await response.text()]).toEqual([200, 'ok\n'])
})

test('GET /metrics has the counters', async () => {
  const socket = new WebSocket(`ws://127.0.0.1:${echo.port}/`)
  await new Promise(resolve => {
    socket.onopen = () => socket.send('hello')
    socket.onmessage = resolve
  })
  const response = await ask('/metrics')
  expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
  const metrics = await response.text()
  expect(metrics).toMatch(/^ws_echo_sockets 1$/m)
  expect(metrics).toMatch(/^ws_echo_messages_received_total 1$/m)
  expect(metrics).toMatch(/^# TYPE ws_echo_opened_total counter$/m)
  socket.close()
})

describe.each(['/help', '/healthz', '/metrics'])('%s', path => {
  test('answers HEAD without a body', async () => {
    const response = await ask(path, { method: 'HEAD' })
    expect([response.status, await response.text()]).toEqual([200, ''])
    expect(Number(response.headers.get('content-length'))).toBeGreaterThan(0)
  })

  test('refuses other methods', async () => {
    const response = await ask(path, { method: 'POST' })
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, HEAD'])
  })
})

test.each(['/count', '/status/401', '/room/a'])('GET %s is answered 426', async path => {
  const response = await ask(path)
  expect([response.status, response.headers.get('upgrade')]).toEqual([426, 'websocket'])
})

test('a path that does not exist is answered 404', async () => {
  expect((await ask('/room/a/b')).status).toBe(404)
})

test('the README has the table of paths', () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
  expect(readme).toContain(formatTable(createPaths()))
})
