import { describe, expect, test } from 'vitest'
import { type Environment, readCommand, UsageError } from './command.ts'
import { helpPage } from './help.ts'
import { OPTIONS, variableOf } from './options.ts'

const read = (args: readonly string[], environment: Environment = {}) => readCommand(args, environment)

const LIMITS = {
  reads: { burst: 64 * 1024 * 1024, perSecond: 4 * 1024 * 1024 },
  searches: { burst: 5, perSecond: 0.5 },
  newAccounts: { burst: 200, perSecond: 0.05 },
  newRooms: { burst: 20, perSecond: 0.0014 },
  logins: { burst: 30, perSecond: 0.1 },
}

const DEFAULTS = {
  port: 3369,
  host: undefined,
  socket: undefined,
  hosts: undefined,
  metrics: undefined,
  store: { kind: 'file', file: './chat.db' },
  auth: 'guest',
  admins: [],
  origin: 'same-host',
  writeRate: { burst: 5, perSecond: 2 },
  limits: LIMITS,
  maxSockets: 10_000,
  maxSocketsPerAddress: Number.POSITIVE_INFINITY,
  trustProxy: [],
  keep: undefined,
  deflate: true,
  drain: 10_000,
  log: undefined,
}

test('without options', () => {
  expect(read([])).toEqual({ kind: 'run', options: DEFAULTS })
})

const GIVEN: [keyof typeof OPTIONS, string, object][] = [
  ['port', '0', { port: 0 }],
  ['port', '65535', { port: 65_535 }],
  ['host', '::', { host: '::' }],
  ['socket', '/run/chat.sock', { socket: '/run/chat.sock' }],
  ['hosts', 'any', { hosts: 'any' }],
  ['hosts', 'chat.example, *.chat.example', { hosts: ['chat.example', '*.chat.example'] }],
  ['metrics', '9100', { metrics: { port: 9100, host: undefined } }],
  ['metrics', '10.0.0.1:9100', { metrics: { port: 9100, host: '10.0.0.1' } }],
  ['metrics', '[2001:db8::1]:0', { metrics: { port: 0, host: '2001:db8::1' } }],
  ['metrics', 'metrics.internal:1', { metrics: { port: 1, host: 'metrics.internal' } }],
  ['data', '/var/lib/chat.db', { store: { kind: 'file', file: '/var/lib/chat.db' } }],
  ['keep', '1', { keep: 1 }],
  ['auth', 'register', { auth: 'register' }],
  ['origin', 'any', { origin: 'any' }],
  ['origin', 'same-host', { origin: 'same-host' }],
  [
    'origin',
    'https://a.example, http://b.example:8080',
    { origin: ['https://a.example', 'http://b.example:8080'] },
  ],
  ['origin', 'https://*.example,file://,null', { origin: ['https://*.example', 'file://', 'null'] }],
  ['rate', '10:0.5', { writeRate: { burst: 10, perSecond: 0.5 } }],
  ['read-rate', '8:0.5', { limits: { ...LIMITS, reads: { burst: 8192, perSecond: 512 } } }],
  ['search-rate', '10:0.1', { limits: { ...LIMITS, searches: { burst: 10, perSecond: 0.1 } } }],
  ['address-rate', '30:5', { limits: { ...LIMITS, addressWrites: { burst: 30, perSecond: 5 } } }],
  ['account-rate', '9:1', { limits: { ...LIMITS, newAccounts: { burst: 9, perSecond: 1 } } }],
  ['room-rate', '9:0.1', { limits: { ...LIMITS, newRooms: { burst: 9, perSecond: 0.1 } } }],
  ['login-rate', '9:0.1', { limits: { ...LIMITS, logins: { burst: 9, perSecond: 0.1 } } }],
  ['max-connections', '1', { maxSockets: 1 }],
  ['max-per-address', '2', { maxSocketsPerAddress: 2 }],
  [
    'trust-proxy',
    'loopback, 10.0.0.0/8,2001:db8::1,unix',
    { trustProxy: ['loopback', '10.0.0.0/8', '2001:db8::1', 'unix'] },
  ],
  ['drain', '500ms', { drain: 500 }],
  ['drain', '2m', { drain: 120_000 }],
  ['log', 'json', { log: 'json' }],
]

describe.each(GIVEN)('%s %s', (name, text, expected) => {
  test('as a flag', () => {
    expect(read([`--${name}`, text])).toEqual({ kind: 'run', options: { ...DEFAULTS, ...expected } })
  })

  test('in the environment', () => {
    expect(read([], { [variableOf(name)]: text })).toEqual({
      kind: 'run',
      options: { ...DEFAULTS, ...expected },
    })
  })
})

test('every option with a value has a row above', () => {
  const rows = new Set(GIVEN.map(([name]) => name))
  const others = Object.keys(OPTIONS).filter(name => !rows.has(name as keyof typeof OPTIONS))
  expect(others).toEqual(['redis', 'memory', 'admin', 'no-deflate'])
})

test('a flag overrides the environment, and an empty variable is ignored', () => {
  expect(read(['--port', '1'], { CHAT_PORT: '2' })).toMatchObject({ options: { port: 1 } })
  expect(read(['--port', '1'], { CHAT_PORT: 'http' })).toMatchObject({ options: { port: 1 } })
  expect(read([], { CHAT_PORT: '', CHAT_HOST: '' })).toEqual({ kind: 'run', options: DEFAULTS })
})

const A_FILE = { kind: 'file', file: 'a.db' }
const MEMORY = { kind: 'memory' }
const REDIS_URL = 'redis://:secret@host'
const A_REDIS = {
  kind: 'redis',
  address: { url: REDIS_URL, name: 'redis://host:6379/0', database: 0 },
}

test.each<[string[], Environment, object]>([
  [['--memory'], {}, MEMORY],
  [[], { CHAT_MEMORY: '1' }, MEMORY],
  [[], { CHAT_MEMORY: 'true' }, MEMORY],
  [[], { CHAT_MEMORY: '0', CHAT_DATA: 'a.db' }, A_FILE],
  [['--memory'], { CHAT_DATA: 'a.db' }, MEMORY],
  [['--data', 'a.db'], { CHAT_MEMORY: '1' }, A_FILE],
  [['--data', 'a.db'], { CHAT_DATA: 'b.db' }, A_FILE],
  [['--redis', REDIS_URL], {}, A_REDIS],
  [[], { CHAT_REDIS: REDIS_URL }, A_REDIS],
  [['--redis', REDIS_URL], { CHAT_DATA: 'b.db', CHAT_MEMORY: '1' }, A_REDIS],
  [['--redis', REDIS_URL], { CHAT_REDIS: 'redis://other' }, A_REDIS],
  [['--data', 'a.db'], { CHAT_REDIS: REDIS_URL }, A_FILE],
  [['--memory'], { CHAT_REDIS: REDIS_URL }, MEMORY],
])('%j with %j', (args, environment, store) => {
  expect(read(args, environment)).toMatchObject({ options: { store } })
})

test.each<[string[], Environment, string]>([
  [['--data', 'a.db', '--memory'], {}, '--data and --memory exclude each other'],
  [[], { CHAT_DATA: 'a.db', CHAT_MEMORY: '1' }, 'CHAT_DATA and CHAT_MEMORY exclude each other'],
  [['--redis', REDIS_URL, '--memory'], {}, '--redis and --memory exclude each other'],
  [['--redis', REDIS_URL, '--data', 'a.db'], {}, '--data and --redis exclude each other'],
  [[], { CHAT_REDIS: REDIS_URL, CHAT_DATA: 'a.db' }, 'CHAT_DATA and CHAT_REDIS exclude each other'],
])('two places at once: %j %j', (args, environment, message) => {
  expect(() => read(args, environment)).toThrow(message)
})

test.each<[string[], Environment, boolean]>([
  [['--no-deflate'], {}, false],
  [[], { CHAT_NO_DEFLATE: '1' }, false],
  [[], { CHAT_NO_DEFLATE: 'false' }, true],
  [['--no-deflate'], { CHAT_NO_DEFLATE: '0' }, false],
])('compression: %j with %j', (args, environment, deflate) => {
  expect(read(args, environment)).toMatchObject({ options: { deflate } })
})

test('--socket excludes --port and --host, but the command line overrides the environment', () => {
  for (const [args, environment] of [
    [['--socket', 'a', '--port', '1'], {}],
    [['--socket', 'a', '--host', '::'], {}],
    [[], { CHAT_SOCKET: 'a', CHAT_PORT: '1' }],
  ] as const)
    expect(() => read(args, environment)).toThrow('exclude each other')
  expect(read(['--socket', 'a'], { CHAT_PORT: '1' })).toMatchObject({ options: { socket: 'a' } })
  expect(read(['--port', '1'], { CHAT_SOCKET: 'a' })).toMatchObject({
    options: { socket: undefined, port: 1 },
  })
})

test('a leading --, which pnpm passes on, is dropped', () => {
  expect(read(['--', '--help'])).toEqual({ kind: 'help' })
  expect(read(['--', '--port', '1'])).toMatchObject({ options: { port: 1 } })
  expect(read(['--', 'backup', 'b.db'])).toMatchObject({ kind: 'backup' })
  expect(read(['--'])).toEqual(read([]))
  expect(() => read(['--', '--', '--help'])).toThrow('unexpected argument "--help"')
})

test('backup', () => {
  expect(read(['backup', 'b.db'])).toEqual({ kind: 'backup', from: './chat.db', to: 'b.db' })
  expect(read(['backup', 'b.db', '--data', 'a.db'])).toEqual({ kind: 'backup', from: 'a.db', to: 'b.db' })
  expect(read(['--data', 'a.db', 'backup', 'b.db'], { CHAT_DATA: 'c.db', CHAT_MEMORY: '1' })).toMatchObject({
    from: 'a.db',
  })
  expect(read(['backup', 'b.db'], { CHAT_DATA: 'c.db', CHAT_PORT: 'http' })).toMatchObject({ from: 'c.db' })
})

test.each<[string[], Environment]>([
  [['--memory', '--admin', 'ada, Grace Hopper'], {}],
  [['--memory'], { CHAT_ADMIN: 'ada,Grace Hopper' }],
])('the admins of a chat in memory: %j with %j', (args, environment) => {
  expect(read(args, environment)).toMatchObject({ options: { admins: ['ada', 'Grace Hopper'] } })
})

test.each<[string[], Environment, string]>([
  [['--admin', 'ada'], {}, '--admin works only with --memory: add admins with ws-chat admin add NAME'],
  [['--redis', REDIS_URL], { CHAT_ADMIN: 'ada' }, 'CHAT_ADMIN works only with --memory'],
])('admins elsewhere are not named when the chat starts: %j with %j', (args, environment, message) => {
  expect(() => read(args, environment)).toThrow(message)
})

test.each<[string[], Environment, object]>([
  [['admin', 'add', 'Ada'], {}, { op: 'add', nick: 'Ada', store: { kind: 'file', file: './chat.db' } }],
  [['admin', 'remove', ' Ada L '], { CHAT_DATA: 'a.db' }, { op: 'remove', nick: 'Ada L', store: A_FILE }],
  [
    ['admin', 'add', 'Ada', '--redis', REDIS_URL],
    { CHAT_DATA: 'a.db' },
    { op: 'add', nick: 'Ada', store: A_REDIS },
  ],
])('%j with %j', (args, environment, change) => {
  expect(read(args, environment)).toEqual({ kind: 'admin', ...change })
})

test('--help and --version win over all other arguments', () => {
  for (const args of [['--help', '--port', 'x'], ['-h'], ['--help', 'nonsense']])
    expect(read(args)).toEqual({ kind: 'help' })
  for (const args of [
    ['backup', '--help'],
    ['backup', '-h', 'a.db'],
    ['--help', 'backup', '--data', 'a'],
  ])
    expect(read(args)).toEqual({ kind: 'help', command: 'backup' })
  expect(read(['--version'])).toEqual({ kind: 'version' })
})

test('--help names every option, aligned, in lines that fit', () => {
  const page = helpPage()
  for (const name of [...Object.keys(OPTIONS), 'help', 'version'])
    expect(page).toMatch(new RegExp(`^  --${name} `, 'm'))
  const columns = page
    .split('\n')
    .filter(line => line.startsWith('  --'))
    .map(line => /^ {2}--\S+(?: \S+)? +/.exec(line)![0].length)
  expect(new Set(columns).size).toBe(1)
  expect(Math.max(...page.split('\n').map(line => line.length))).toBeLessThanOrEqual(115)
})

test('the help of admin shows its usage', () => {
  expect(helpPage('admin')).toContain('ws-chat admin add NAME')
})

test('the help of a command lists only its own options', () => {
  const page = helpPage('backup')
  expect(page).toContain('ws-chat backup FILE')
  expect(page).toContain('--data FILE')
  expect(page).not.toContain('--port')
  expect(page.split('\n').length).toBeLessThan(12)
})

/** An option, values that it refuses, and the expectation in the error. */
const WRONG: [string, string[], string][] = [
  ['port', ['http', '65536', '-1', '1e3', '1.5', ' 1', '0x1'], 'a whole number from 0 to 65535'],
  ['keep', ['0', '-1', '-x', '-', 'all', '9007199254740993'], 'a whole number from 1'],
  ['max-connections', ['0', '-1', 'Infinity'], 'a whole number from 1'],
  ['max-per-address', ['0', 'many'], 'a whole number from 1'],
  ['host', [' '], 'an address or a host name'],
  [
    'metrics',
    [':9100', 'a:', '65536', '::1:9100', '[::1:9100', '9100 ', 'a b:1', 'http://a:1', '-1'],
    'a port from 0 to 65535, with or without an address, such as 9100 or 10.0.0.1:9100',
  ],
  ['socket', [' '], 'a path'],
  [
    'hosts',
    ['*', 'chat.example:80', 'https://chat.example', 'a,', 'a.*.example'],
    'any or a list of names such as chat.example,*.chat.example, without ports',
  ],
  ['data', [' '], 'the name of a file'],
  ['auth', ['Guest', 'none'], 'guest or register'],
  ['admin', [',', 'a,', 'x'.repeat(33)], 'a list of names, each of at most 32 characters'],
  [
    'origin',
    ['a.example', 'https://a.example/page', 'https://a.example,', '*'],
    'same-host, any or a list of origins such as https://chat.example',
  ],
  [
    'rate',
    ['5', '5:', ':2', '0:2', '5:0', '5:-1', '1.5:2', '5:1e3', '5:2:1'],
    'a burst and a number per second, such as 5:2',
  ],
  ['read-rate', ['64', '0:1', '1:0', '1M:1'], 'a burst and a number per second, such as 5:2'],
  ['search-rate', ['5', '0:1'], 'a burst and a number per second, such as 5:2'],
  [
    'trust-proxy',
    ['example.com', '10.0.0.0/33', 'loopback,', '1.2.3'],
    'a list of addresses, ranges such as 10.0.0.0/8, loopback, private and unix',
  ],
  [
    'drain',
    ['10', '0s', '61m', '1h', '-1s', 's', '1.5s'],
    'a time from 1ms to 60m, such as 10s, 500ms or 2m',
  ],
  ['log', ['text', 'JSON'], 'pretty or json'],
]

describe.each(WRONG)('%s', (name, texts, expected) => {
  test.each(texts)('is not %j', text => {
    expect(() => read([`--${name}=${text}`])).toThrow(
      new UsageError(`--${name} must be ${expected}, not ${JSON.stringify(text)}`),
    )
    if (!text.startsWith('--'))
      expect(() => read([`--${name}`, text])).toThrow(`--${name} must be ${expected}`)
    const variable = variableOf(name)
    expect(() => read([], { [variable]: text })).toThrow(
      new UsageError(`${variable} must be ${expected}, not ${JSON.stringify(text)}`),
    )
  })
})

test.each<[string[], string]>([
  [['--bogus'], "Unknown option '--bogus'; ws-chat --help lists the options"],
  [['--redis'], '--redis needs a value: --redis URL; ws-chat --help lists the options'],
  [['--keep', '--memory'], '--keep needs a value: --keep N;'],
  [['--keep', '--port=1'], '--keep needs a value: --keep N;'],
  [['--keep', '-h'], '--keep needs a value: --keep N;'],
  [['backup', 'a', '--redis', REDIS_URL], 'Redis copies its own data: redis-cli'],
  [['--memory=1'], "'--memory' does not take an argument"],
  [['--port'], '--port needs a value: --port N;'],
  [['3369'], 'unexpected argument "3369"; ws-chat --help lists the options'],
  [['backup'], 'backup needs the name of the file to write'],
  [['backup', ''], 'backup needs the name of the file to write'],
  [['backup', 'a', 'b'], 'unexpected argument "b"'],
  [['backup', 'a', '--port', '1'], 'backup knows no --port'],
  [['backup', 'a', '--memory'], 'backup knows no --memory'],
  [['admin'], 'admin needs add or remove, and a name'],
  [['admin', 'list'], 'admin needs add or remove, and a name'],
  [['admin', 'add'], 'admin add needs the name of a registered user'],
  [
    ['admin', 'add', 'Ada', 'Lovelace'],
    'unexpected argument "Lovelace" after admin; put a name with spaces in quotes',
  ],
  [['admin', 'add', 'Ada', '--port', '1'], 'admin knows no --port'],
  [['admin', 'add', 'Ada', '--memory'], 'name its admins with --admin'],
  [['a\nb'], String.raw`unexpected argument "a\nb"`],
  [['--port', 'x'.repeat(1000)], `not "${'x'.repeat(100)}…"`],
])('%j gives one line', (args, message) => {
  let said: unknown
  try {
    read(args)
  } catch (error) {
    said = error
  }
  expect(said).toBeInstanceOf(UsageError)
  expect((said as Error).message).toContain(message)
  expect((said as Error).message).not.toContain('\n')
})

test.each([
  'http://:secret@host',
  'redis://',
  'redis://:secret@host/x',
  'redis://:secret@host/1/2',
  'redis://:secret@host?x=1',
  'redis://:secret@host#1',
  'redis://:secret%zz@host',
  'redis://:secret@host:99999',
  'secret',
  ' ',
])('--redis %s is refused without printing the value', url => {
  for (const ask of [() => read(['--redis', url]), () => read([], { CHAT_REDIS: url })]) {
    expect(ask).toThrow(/^(?:--redis|CHAT_REDIS) must be a URL such as redis:\/\/host:6379, [^"]+\/1$/)
    expect(ask).not.toThrow('secret')
  }
})

test('backup of a chat on Redis says what to use instead', () => {
  const read = (args: readonly string[]) =>
    readCommand(['backup', 'b.db', ...args], { CHAT_REDIS: REDIS_URL })
  expect(() => read([])).toThrow('redis-cli -u URL --rdb FILE')
  expect(read(['--data', 'a.db'])).toEqual({ kind: 'backup', from: 'a.db', to: 'b.db' })
})

test('a variable for a flag must be yes or no', () => {
  expect(() => read([], { CHAT_MEMORY: 'maybe' })).toThrow(
    new UsageError('CHAT_MEMORY must be 1 or true, 0 or false, not "maybe"'),
  )
})
