import { describe, expect, test } from 'vitest'
import { HELP, readCommand, UsageError } from './options.ts'

const run = (...args: string[]) => readCommand(args)

test('without options: port 3368, loopback, 16 MiB, any origin, no limits, compression', () => {
  expect(run()).toEqual({
    kind: 'run',
    options: {
      port: 3368,
      host: undefined,
      maxMessageSize: 16_777_216,
      origin: 'any',
      maxSockets: Number.POSITIVE_INFINITY,
      maxSocketsPerAddress: Number.POSITIVE_INFINITY,
      deflate: true,
      subprotocol: 'first',
      bench: { maxDuration: 600_000, maxBytes: 100_000_000, rate: 10_000_000 },
      verbose: false,
    },
  })
})

test('every option', () => {
  const args =
    '--port 0 --host :: --max-message 1024 --origin same-host --max-connections 10 --max-per-address=2 --no-deflate'
  expect(run(...args.split(' '))).toMatchObject({
    options: {
      port: 0,
      host: '::',
      maxMessageSize: 1024,
      origin: 'same-host',
      maxSockets: 10,
      maxSocketsPerAddress: 2,
      deflate: false,
    },
  })
})

test('--origin takes a list', () => {
  expect(run('--origin', 'https://a.example, http://b.example:8080')).toMatchObject({
    options: { origin: ['https://a.example', 'http://b.example:8080'] },
  })
})

test('--origin takes subdomains, and the origins of files and of sandboxed frames', () => {
  const origin = ['https://*.a.example', 'file://', 'null']
  expect(run('--origin', origin.join(','))).toMatchObject({ options: { origin } })
})

test('--subprotocol takes first, none or a name', () => {
  expect(run('--subprotocol', 'none')).toMatchObject({ options: { subprotocol: 'none' } })
  expect(run('--subprotocol', 'first')).toMatchObject({ options: { subprotocol: 'first' } })
  expect(run('--subprotocol', 'chat.v2')).toMatchObject({ options: { subprotocol: { name: 'chat.v2' } } })
})

test('the limits of the bench take units', () => {
  expect(run('--max-duration', '1.5m', '--max-bytes', '2MiB', '--rate', '10kB', '--verbose')).toMatchObject({
    options: { bench: { maxDuration: 90_000, maxBytes: 2_097_152, rate: 10_000 }, verbose: true },
  })
})

test('--hosts takes a list, or any', () => {
  expect(run('--hosts', 'a.example, *.b.example,[::1]')).toMatchObject({
    options: { hosts: ['a.example', '*.b.example', '[::1]'] },
  })
  expect(run('--hosts', 'any')).toMatchObject({ options: { hosts: 'any' } })
})

test('--socket takes a path', () => {
  expect(run('--socket', '/run/echo.sock')).toMatchObject({ options: { socket: '/run/echo.sock' } })
})

test('one -- in front, as pnpm hands it on, is dropped', () => {
  expect(run('--', '--help')).toEqual({ kind: 'help' })
  expect(run('--', '--port', '1')).toMatchObject({ options: { port: 1 } })
  expect(run('--')).toEqual(run())
  expect(() => run('--', '--', '--help')).toThrow("Unexpected argument '--help'")
  expect(() => run('--port', '1', '--', '--help')).toThrow("Unexpected argument '--help'")
})

test('--help and --version', () => {
  expect(run('--help', '--port', '1')).toEqual({ kind: 'help' })
  expect(run('-h')).toEqual({ kind: 'help' })
  expect(run('--version')).toEqual({ kind: 'version' })
})

test('--help names every option', () => {
  for (const name of [
    'port',
    'host',
    'socket',
    'hosts',
    'max-message',
    'origin',
    'max-connections',
    'max-per-address',
    'no-deflate',
    'subprotocol',
    'max-duration',
    'max-bytes',
    'rate',
    'verbose',
    'help',
    'version',
  ]) {
    expect(HELP).toContain(`--${name} `)
  }
})

describe('a wrong value is answered by one line that says what was expected', () => {
  test.each([
    [['--port', 'http'], '--port must be a whole number from 0 to 65535, not "http"'],
    [['--port', '65536'], '--port must be a whole number from 0 to 65535, not "65536"'],
    [['--port=-1'], '--port must be a whole number from 0 to 65535, not "-1"'],
    [['--port', '1e3'], 'not "1e3"'],
    [['--port', ''], 'not ""'],
    [['--max-message', '0'], '--max-message must be a whole number from 1 to 536870888, not "0"'],
    [['--max-message', '536870889'], 'not "536870889"'],
    [['--max-connections', '0'], '--max-connections must be a whole number from 1, not "0"'],
    [['--max-per-address', 'many'], '--max-per-address must be a whole number from 1, not "many"'],
    [['--origin', 'a.example'], '--origin must be any, same-host or a list of origins'],
    [['--origin', 'https://a.example/page'], '--origin must be'],
    [['--origin', 'https://a.example,'], '--origin must be'],
    [['--origin', 'https://*'], '--origin must be'],
    [['--hosts', 'a.example:80'], '--hosts must be any or a list of names'],
    [['--hosts', '*'], '--hosts must be'],
    [['--hosts', ''], '--hosts must be'],
    [['--socket', ''], '--socket must be a path, not ""'],
    [['--socket', 'a', '--port', '1'], '--socket and --port exclude each other'],
    [['--socket', 'a', '--host', '::'], '--socket and --host exclude each other'],
    [['--subprotocol', 'a b'], '--subprotocol must be first, none or the name of one, not "a b"'],
    [['--max-duration', '0s'], '--max-duration must be a time such as 500ms, 2s or 5m, from 1ms to 24h'],
    [['--max-bytes', '1XB'], '--max-bytes must be a number of bytes such as 100, 10kB or 4MiB, from 1'],
    [['--rate', '0'], '--rate must be a number of bytes'],
    [['--bogus'], "Unknown option '--bogus'; ws-echo --help lists the options"],
    [['3368'], "Unexpected argument '3368'"],
    [['--no-deflate=1'], "Option '--no-deflate' does not take an argument"],
    [['--port'], "'--port <value>' argument missing"],
  ])('%j', (args, message) => {
    expect(() => run(...args)).toThrow(UsageError)
    expect(() => run(...args)).toThrow(message)
    try {
      run(...args)
    } catch (error) {
      expect(String(error)).not.toContain('\n')
    }
  })
})
