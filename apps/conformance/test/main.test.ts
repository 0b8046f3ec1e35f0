import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Peer, startEcho } from './peers.ts'

const MAIN = new URL('../src/main.ts', import.meta.url).pathname
const DRIVER = new URL('../drivers/web-api.js', import.meta.url).pathname

interface Ended {
  readonly status: number | null
  readonly output: string
}

function run(...args: string[]): Promise<Ended> {
  const child = spawn(process.execPath, [MAIN, ...args], {
    env: { ...process.env, NO_COLOR: '1', GITHUB_ACTIONS: '' },
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text
    })
  return new Promise(resolve => child.on('close', status => resolve({ status, output })))
}

let peer: Peer
let url: string
let folder: string
beforeAll(async () => {
  peer = await startEcho({ perMessageDeflate: false })
  url = peer.target.url.href
  folder = await mkdtemp(join(tmpdir(), 'ws-conformance-'))
})
afterAll(async () => {
  await peer[Symbol.asyncDispose]()
  await rm(folder, { recursive: true })
})

test('server: prints a line for each group and a total, and ends with 0', async () => {
  const { status, output } = await run('server', url, '--only', '1.1.*,5.3')
  expect(output).toMatch(/framing text +8 OK\n +fragmentation +1 OK\n\n9 cases in [\d.]+ s: 9 OK/)
  expect(status).toBe(0)
})

test('server: explains a failure and ends with 1', async () => {
  const { status, output } = await run('server', url, '--only', 'L1.1')
  expect(output).toContain('L1.1 FAILED  A text of 5 octets with a length of 2 octets')
  expect(output).toContain('received  text of 5 octets "Hello"')
  expect(output).toContain('standard  RFC 6455 §5.2: ')
  expect(status).toBe(1)
})

test('server: --strict counts verdicts that are not strict', async () => {
  expect((await run('server', url, '--only', 'U1.1')).status).toBe(0)
  expect((await run('server', url, '--only', 'U1.1', '--strict')).status).toBe(1)
})

test('server: --expect passes while verdicts stay, and names the one that changed', async () => {
  const file = join(folder, 'expected.json')
  const only = ['--only', '1.1.1,L1.1', '--expect', file]
  expect((await run('server', url, ...only, '--update')).status).toBe(0)
  expect((await run('server', url, ...only)).status).toBe(0)
  const changed = await run('server', url, '--only', '12.1.1', '--expect', file)
  expect(changed.output).toContain('12.1.1: expected OK, got UNIMPLEMENTED')
  expect(changed.status).toBe(1)
})

test('server: writes reports and JUnit', async () => {
  const [out, junit] = [join(folder, 'reports'), join(folder, 'more', 'junit.xml')]
  await run('server', url, '--only', '2.1', '--out', out, '--junit', junit, '--agent', 'mine')
  expect(await readFile(junit, 'utf8')).toContain('<testsuites name="mine">')
  expect(Object.keys(JSON.parse(await readFile(join(out, 'index.json'), 'utf8')))).toEqual(['mine'])
})

test('client: starts a command, serves it, and ends with its verdicts', async () => {
  const command = [process.execPath, DRIVER, 'web']
  const { status, output } = await run('client', '--port', '0', '--only', '1.1.*,6.20.*', '--', ...command)
  expect(output).toContain('web:')
  expect(output).toMatch(/15 cases in [\d.]+ s: 15 OK/)
  expect(status).toBe(0)
})

test('client: a command that runs no case is a failure', async () => {
  const { status, output } = await run('client', '--port', '0', '--', process.execPath, '--version')
  expect(output).toContain('no client ran a case')
  expect(status).toBe(3)
})

test('run --trace shows the frames in both directions', async () => {
  const { output } = await run('run', '5.6', url, '--trace')
  expect(output).toMatch(/→ text not final 9 mask [\da-f]{8} {2}part-one\./)
  expect(output).toMatch(/← pong 12 {2}ping between/)
  expect(output).toContain('5.6 OK')
})

test('cases lists ids and titles, and explains', async () => {
  const { output } = await run('cases', '--only', '5.3')
  expect(output).toBe('5.3      A text in two fragments, sent in one write\n')
  const explained = await run('cases', '--only', 'H2.3', '--explain')
  expect(explained.output).toContain('sends     Upgrade: websocket')
})

describe('a wrong command line ends with 2 and says what was expected', () => {
  test.each([
    [[], 'Usage: ws-conformance'],
    [['fly'], "unknown command 'fly'"],
    [['server'], "missing required argument 'url'"],
    [['server', 'http://localhost'], 'Expected an address such as ws://localhost:9001.'],
    [['server', 'ws://example.com'], 'example.com is not this machine.'],
    [['server', 'ws://localhost:1'], 'cannot connect to ws://localhost:1/'],
    [['server', 'ws://localhost', '--jobs', '0'], 'Expected an integer from 1 to 1000.'],
    [['server', 'ws://localhost', '--header', 'x'], 'Expected "Name: value".'],
    [['server', 'ws://localhost', '--header', 'a b: c'], 'a b'],
    [['server', 'ws://localhost', '--header', 'Host: x'], 'Host'],
    [['server', 'ws://localhost', '--subprotocol', 'a b'], 'subprotocols must be distinct tokens'],
    [['server', 'ws://localhost', '--only', '99'], 'no case for a server matches "99"'],
    [['server', 'ws://localhost', '--only', ','], 'Expected ids or patterns, separated by commas.'],
    [['client', '--host', '192.0.2.1'], 'cannot listen on 192.0.2.1:9001'],
    [['client', '--port', '0', '--', '/no/such/program'], 'cannot run /no/such/program'],
    [['run', '99'], 'no case for a server matches "99"'],
  ])('%j', async (args, message) => {
    const { status, output } = await run(...args)
    expect(output).toContain(message)
    expect(status).toBe(2)
    expect(output).not.toContain('    at ')
  })
})
