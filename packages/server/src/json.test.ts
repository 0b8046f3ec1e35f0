import { randomFrom } from '@ws/testing'
import { describe, expect, expectTypeOf, test } from 'vitest'
import type { Handlers } from './handlers.ts'
import {
  answerProblem,
  type InferOutput,
  type JsonHandlers,
  type JsonOptions,
  type JsonProblem,
  type JsonSocket,
  json,
  type SchemaIssue,
  type SchemaResult,
  type StandardSchemaV1,
  sendJson,
} from './json.ts'
import type { Socket } from './socket.ts'

class RecordingSocket<Data = undefined> {
  readonly data: Data
  readonly calls: unknown[] = []
  room = true

  constructor(data: Data) {
    this.data = data
  }

  send(data: string | Uint8Array): boolean {
    this.calls.push(['send', data])
    return this.room
  }

  close(code?: number, reason?: string): void {
    this.calls.push(['close', code, reason])
  }
}

interface Say {
  readonly text: string
}

function schemaOf<Output>(
  validate: (value: unknown) => SchemaResult<Output> | Promise<SchemaResult<Output>>,
): StandardSchemaV1<unknown, Output> {
  return { '~standard': { version: 1, vendor: 'test', validate } }
}

function validateSay(value: unknown): SchemaResult<Say> {
  if (typeof value === 'object' && value !== null && 'text' in value && typeof value.text === 'string')
    return { value: { text: value.text.trim() } }
  return { issues: [{ path: ['text'], message: 'must be a string' }] }
}

const say = schemaOf(validateSay)
const sayLater = schemaOf(async value => validateSay(value))

function answerTo(issues: readonly SchemaIssue[]): string {
  const socket = new RecordingSocket(undefined)
  void json({ schema: schemaOf<never>(() => ({ issues })), message() {} }).message(socket, '0')
  expect(socket.calls).toEqual([['send', expect.any(String)]])
  return (socket.calls[0] as string[])[1]!
}

describe('json', () => {
  test('passes the output of a synchronous schema to the handler, without a promise', () => {
    const socket = new RecordingSocket(undefined)
    const received: unknown[] = []
    const handlers = json({ schema: say, message: (from, value) => void received.push(from, value) })
    expect(handlers.message(socket, '{"text":" hi ","more":1}')).toBe(undefined)
    expect(received).toEqual([socket, { text: 'hi' }])
    expect(socket.calls).toEqual([])
  })

  test('returns the promise of the handler', async () => {
    const promise = Promise.resolve()
    const handlers = json({ schema: say, message: () => promise, invalid: () => promise })
    expect(handlers.message(new RecordingSocket(undefined), '{"text":""}')).toBe(promise)
    expect(handlers.message(new RecordingSocket(undefined), '{}')).toBe(promise)
  })

  test('waits for an asynchronous schema, and then for the handler', async () => {
    const order: unknown[] = []
    const handlers = json({
      schema: sayLater,
      async message(_, value) {
        await Promise.resolve()
        order.push(value)
      },
    })
    const socket = new RecordingSocket(undefined)
    const handled = handlers.message(socket, '{"text":"a"}')
    expect(order).toEqual([])
    await handled
    expect(order).toEqual([{ text: 'a' }])
    await handlers.message(socket, '[]')
    expect(socket.calls).toEqual([['send', expect.stringContaining('"error":"invalid message"')]])
  })

  test.each([['null'], ['true'], ['-1.5e3'], ['"x"'], ['[]'], [' {"a":[{}]} ']])(
    'accepts any JSON without a schema: %s',
    text => {
      const received: unknown[] = []
      void json({ message: (_, value) => void received.push(value) }).message(
        new RecordingSocket(undefined),
        text,
      )
      expect(received).toEqual([JSON.parse(text)])
    },
  )

  test('C12: a binary message closes with 1003, even if its bytes are JSON', () => {
    const socket = new RecordingSocket(undefined)
    const handlers = json({ message: () => expect.unreachable() })
    expect(handlers.message(socket, new TextEncoder().encode('{}'))).toBe(undefined)
    expect(socket.calls).toEqual([['close', 1003, 'message is not text']])
  })

  test.each(['', ' ', '{', '{"a":1,}', "{'a':1}", '\uFEFF{}', 'NaN', 'undefined', '01', '{} {}', '"\n"'])(
    'closes with 1007 if a text is not JSON: %j',
    text => {
      const socket = new RecordingSocket(undefined)
      void json({ schema: say, message: () => expect.unreachable() }).message(socket, text)
      expect(socket.calls).toEqual([['close', 1007, 'message is not JSON']])
    },
  )

  test('answers a message that fails the schema, and keeps the connection open', () => {
    const socket = new RecordingSocket(undefined)
    void json({ schema: say, message: () => expect.unreachable() }).message(socket, '{"text":1}')
    expect(socket.calls).toEqual([
      ['send', '{"error":"invalid message","issues":[{"path":["text"],"message":"must be a string"}]}'],
    ])
  })

  test('names path keys of every kind in its answer', () => {
    const path = ['a', 0, { key: 'b' }, { key: 7 }, Symbol('c')]
    expect(answerTo([{ path, message: 'x' }, { message: '' }, { path: undefined, message: '\0' }])).toBe(
      '{"error":"invalid message","issues":[{"path":["a",0,"b",7,"Symbol(c)"],"message":"x"},' +
        '{"path":[],"message":""},{"path":[],"message":"\\u0000"}]}',
    )
    expect(answerTo([])).toBe('{"error":"invalid message","issues":[]}')
  })

  test('limits the size of its answer', () => {
    const issue = (unit: string) => ({
      path: Array.from({ length: 9 }, () => unit.repeat(1000)),
      message: unit.repeat(1000),
    })
    const { issues } = JSON.parse(answerTo(Array.from({ length: 9 }, () => issue('x'))))
    const shortened = { path: Array(8).fill(`${'x'.repeat(31)}…`), message: `${'x'.repeat(159)}…` }
    expect(issues).toEqual(Array(8).fill(shortened))
    for (const unit of ['\0', '€', '\uD800', '😀']) {
      const text = answerTo(Array.from({ length: 9 }, () => issue(unit)))
      expect(Buffer.byteLength(text)).toBeLessThan(24 * 1024)
    }
    expect(answerTo([issue('😀')])).not.toMatch(/\\ud/)
  })

  test('does not shorten issues within the limits', () => {
    const path = Array.from({ length: 8 }, () => 'k'.repeat(32))
    const issue = { path, message: 'm'.repeat(160) }
    expect(JSON.parse(answerTo(Array(8).fill(issue))).issues).toEqual(Array(8).fill(issue))
  })

  test('passes problems to the invalid handler instead of answering them', () => {
    const problems: JsonProblem[] = []
    const socket = new RecordingSocket(undefined)
    const handlers = json({
      schema: say,
      message: () => expect.unreachable(),
      invalid: (_, problem) => void problems.push(problem),
    })
    const data = Uint8Array.of(1)
    for (const message of [data, '{', '[7]']) void handlers.message(socket, message)
    expect(problems).toEqual([
      { kind: 'binary', data },
      { kind: 'syntax', data: '{', cause: expect.any(SyntaxError) },
      { kind: 'schema', value: [7], issues: [{ path: ['text'], message: 'must be a string' }] },
    ])
    expect(socket.calls).toEqual([])
    for (const problem of problems) answerProblem(socket, problem)
    expect(socket.calls).toEqual([
      ['close', 1003, 'message is not text'],
      ['close', 1007, 'message is not JSON'],
      ['send', expect.any(String)],
    ])
  })

  test('lets errors of handlers and schemas through to the server', async () => {
    const error = new Error('test error')
    const fail = (): never => {
      throw error
    }
    const socket = new RecordingSocket(undefined)
    expect(() => json({ message: fail }).message(socket, '0')).toThrow(error)
    expect(() => json({ message() {}, invalid: fail }).message(socket, '')).toThrow(error)
    expect(() => json({ schema: schemaOf(fail), message() {} }).message(socket, '0')).toThrow(error)
    const later = json({ schema: schemaOf(async () => fail()), message() {} })
    await expect(later.message(socket, '0')).rejects.toBe(error)
    await expect(json({ schema: sayLater, message: fail }).message(socket, '{"text":""}')).rejects.toBe(error)
    expect(socket.calls).toEqual([])
  })

  test('R11: JSON nested 100,000 deep does not overflow the stack', async () => {
    const deep = '['.repeat(100_000) + ']'.repeat(100_000)
    let depth = 0
    const count = (value: unknown): void => {
      for (depth = 0; Array.isArray(value); depth++) value = value[0]
    }
    const socket = new RecordingSocket(undefined)
    void json({ message: (_, value) => count(value) }).message(socket, deep)
    expect(depth).toBe(100_000)
    expect(socket.calls).toEqual([])
    void json({ message: () => expect.unreachable() }).message(socket, '['.repeat(2 ** 20))
    expect(socket.calls).toEqual([['close', 1007, 'message is not JSON']])
    // An error in a recursive schema is passed on like an error in a handler.
    const recurse = (value: unknown): SchemaResult<unknown> => {
      if (Array.isArray(value)) value.forEach(recurse)
      return { value }
    }
    expect(() => json({ schema: schemaOf(recurse), message() {} }).message(socket, deep)).toThrow(RangeError)
    const later = json({ schema: schemaOf(async value => recurse(value)), message() {} })
    await expect(later.message(socket, deep)).rejects.toThrow(RangeError)
  })

  test('treats __proto__ in a message as an ordinary key', () => {
    const received: unknown[] = []
    const text = '{"__proto__":{"admin":true}}'
    void json({ message: (_, value) => void received.push(value) }).message(
      new RecordingSocket(undefined),
      text,
    )
    expect(Object.getPrototypeOf(received[0])).toBe(Object.prototype)
    expect(({} as { admin?: boolean }).admin).toBe(undefined)
  })

  test('either handles or answers a text, for random texts', () => {
    const random = randomFrom(5)
    const parts = ['{', '}', '[', ']', '"text"', ':', ',', '1', 'null', ' ', '"', '\\u00']
    for (let round = 0; round < 5000; round++) {
      const text = Array.from(
        { length: random() * 8 },
        () => parts[Math.floor(random() * parts.length)],
      ).join('')
      const socket = new RecordingSocket(undefined)
      let handled = 0
      void json({ schema: say, message: () => void handled++ }).message(socket, text)
      expect(handled + socket.calls.length).toBe(1)
    }
  })

  test('calls handlers and the schema as methods of their objects', () => {
    const called: unknown[] = []
    const schema: StandardSchemaV1 = {
      '~standard': {
        version: 1,
        vendor: 'test',
        validate(value) {
          called.push(this)
          return value === 0 ? { value } : { issues: [] }
        },
      },
    }
    const options: JsonOptions<StandardSchemaV1, JsonSocket> = {
      schema,
      message() {
        called.push(this)
      },
      invalid() {
        called.push(this)
      },
    }
    const { message } = json(options)
    void message(new RecordingSocket(undefined), '0')
    void message(new RecordingSocket(undefined), '1')
    const standard = schema['~standard']
    expect(called.map(owner => owner === standard || owner === options)).toEqual([true, true, true, true])
  })

  test('R12: throws a TypeError for wrong options', () => {
    const make = (options: unknown) => () => json(options as { message(): void })
    for (const options of [undefined, null, 1])
      expect(make(options)).toThrow(new TypeError('the options must be an object'))
    for (const message of [undefined, null, 'x'])
      expect(make({ message })).toThrow(new TypeError('message must be a function'))
    expect(make({ message() {}, invalid: null })).toThrow(new TypeError('invalid must be a function'))
    expect(make({ message() {}, open() {} })).toThrow(
      new TypeError('unknown option "open" (expected one of schema, message, invalid)'),
    )
    const standard = say['~standard']
    for (const schema of [
      null,
      {},
      'x',
      () => true,
      { '~standard': { ...standard, version: 2 } },
      { '~standard': { ...standard, validate: undefined } },
    ]) {
      expect(make({ message() {}, schema })).toThrow(
        new TypeError('schema must be a Standard Schema of version 1 (https://standardschema.dev)'),
      )
    }
    expect(make({ message() {}, schema: undefined, invalid: undefined })).not.toThrow()
    expect(make({ message() {}, schema: Object.assign(() => true, say) })).not.toThrow()
  })
})

describe('sendJson', () => {
  test('sends JSON text and returns the result of send', () => {
    const socket = new RecordingSocket(undefined)
    expect(sendJson(socket, { a: [1, null, 'ü'] })).toBe(true)
    socket.room = false
    expect(sendJson(socket, 'x')).toBe(false)
    expect(socket.calls).toEqual([
      ['send', '{"a":[1,null,"ü"]}'],
      ['send', '"x"'],
    ])
  })

  test('throws a TypeError for a value without a JSON text', () => {
    const circle: unknown[] = []
    circle.push(circle)
    const socket = new RecordingSocket(undefined)
    for (const value of [undefined, () => 1, Symbol('x')])
      expect(() => sendJson(socket, value)).toThrow(new TypeError(`JSON has no text for ${typeof value}`))
    for (const value of [1n, circle]) expect(() => sendJson(socket, value)).toThrow(TypeError)
    expect(socket.calls).toEqual([])
  })
})

describe('types of json', () => {
  interface User {
    readonly name: string
  }

  test('infer the output of a schema', () => {
    expectTypeOf<InferOutput<typeof say>>().toEqualTypeOf<Say>()
    expectTypeOf<InferOutput<typeof sayLater>>().toEqualTypeOf<Say>()
    expectTypeOf<InferOutput<undefined>>().toEqualTypeOf<unknown>()
    expectTypeOf<InferOutput<StandardSchemaV1<string, number>>>().toEqualTypeOf<number>()
    // As the specification declares it, with a promise, mutable results and an options parameter.
    interface Specified {
      (value: unknown): boolean
      readonly '~standard': {
        readonly version: 1
        readonly vendor: string
        readonly validate: (
          value: unknown,
          options?: { readonly libraryOptions?: Record<string, unknown> | undefined } | undefined,
        ) =>
          | { value: Say; issues?: undefined }
          | {
              issues: ReadonlyArray<{
                message: string
                path?: ReadonlyArray<PropertyKey | { key: PropertyKey }>
              }>
            }
          | Promise<{ value: Say; issues?: undefined }>
        readonly types?: { readonly input: { text: string | number }; readonly output: Say } | undefined
      }
    }
    expectTypeOf<Specified>().toExtend<StandardSchemaV1>()
    expectTypeOf<InferOutput<Specified>>().toEqualTypeOf<Say>()
  })

  test('give handlers the types of the value and the socket', () => {
    json({
      schema: say,
      message(socket, value) {
        expectTypeOf(value).toEqualTypeOf<Say>()
        expectTypeOf(socket).toEqualTypeOf<JsonSocket>()
      },
      invalid(socket, problem) {
        expectTypeOf(socket).toEqualTypeOf<JsonSocket>()
        expectTypeOf(problem).toEqualTypeOf<JsonProblem>()
      },
    })
    const handlers = json({
      schema: sayLater,
      message(socket: Socket<User>, value) {
        expectTypeOf(value).toEqualTypeOf<Say>()
        expectTypeOf(socket.data.name).toEqualTypeOf<string>()
      },
      invalid(socket) {
        expectTypeOf(socket.data.name).toEqualTypeOf<string>()
      },
    })
    expectTypeOf(handlers).toEqualTypeOf<JsonHandlers<Socket<User>>>()
    json({
      message(_socket, value) {
        expectTypeOf(value).toEqualTypeOf<unknown>()
      },
    })
  })

  test('accept the sockets of the server', () => {
    expectTypeOf<Socket<User>>().toExtend<JsonSocket>()
  })

  test('allow the result to be spread into the options of a server', () => {
    expectTypeOf({ ...json({ schema: say, message() {} }) }).toExtend<Handlers<User>>()
    expectTypeOf({
      ...json({ schema: say, message(_socket: Socket<User>) {} }),
    }).toExtend<Handlers<User>>()
    const handlers: Handlers<User> = json({
      schema: say,
      message(socket, value) {
        expectTypeOf(value).toEqualTypeOf<Say>()
        expectTypeOf(socket.data).toEqualTypeOf<User>()
      },
    })
    expect(handlers.message).toBeTypeOf('function')
  })

  test('reject wrong options at compile time', () => {
    // @ts-expect-error The schema has another output.
    json({ schema: say, message(_socket, _value: number) {} })
    // @ts-expect-error Without a schema the value is unknown.
    json({ message(_socket, _value: string) {} })
    // @ts-expect-error This is not a Standard Schema.
    expect(() => json({ schema: { parse: () => 1 }, message() {} })).toThrow(TypeError)
    // @ts-expect-error Sockets have no such method.
    json({ message(_socket: { shout(): void }) {} })
    // @ts-expect-error The message handler is required.
    expect(() => json({ schema: say })).toThrow(TypeError)
  })
})
