import type { Bytes } from '@ws/protocol'
import { randomFrom } from '@ws/testing'
import { describe, expect, expectTypeOf, test } from 'vitest'
import type { Format } from './format.ts'
import {
  answerProblem,
  type InferOutput,
  type JsonOptions,
  type JsonProblem,
  json,
  type SchemaIssue,
  type SchemaResult,
  type StandardSchemaV1,
  sendJson,
} from './json.ts'
import type { Socket } from './socket.ts'

/** The calls that a message causes: of the handler, and of the socket's methods. */
function accept<Value>(format: Format<Value>, message: string | Bytes, handler = (_: Value): unknown => 0) {
  const calls: unknown[] = []
  const socket: Partial<Socket> = {
    send: data => calls.push(['send', data]) > 0,
    close: (code, reason) => calls.push(['close', code, reason]),
  }
  const result = format.wrap<Socket>((from, value) => {
    expect(from).toBe(socket)
    calls.push(['value', value])
    return handler(value)
  })(socket as Socket, message, typeof message === 'string' ? 'text' : 'binary')
  return { calls, result }
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
  const { calls } = accept(json(schemaOf<never>(() => ({ issues }))), '0')
  expect(calls).toEqual([['send', expect.any(String)]])
  return (calls[0] as string[])[1]!
}

describe('json', () => {
  test('passes the output of a synchronous schema to the handler, without a promise', () => {
    const { calls, result } = accept(json(say), '{"text":" hi ","more":1}', () => 'result')
    expect(calls).toEqual([['value', { text: 'hi' }]])
    expect(result).toBe('result')
  })

  test('returns the promise of the handler', async () => {
    const promise = Promise.resolve()
    const format = json(say, { invalid: () => promise })
    expect(accept(format, '{"text":""}', () => promise).result).toBe(promise)
    expect(accept(format, '{}').result).toBe(promise)
  })

  test('waits for an asynchronous schema, and then for the handler', async () => {
    const order: unknown[] = []
    const { result } = accept(json(sayLater), '{"text":"a"}', async value => {
      await Promise.resolve()
      order.push(value)
    })
    expect(order).toEqual([])
    await result
    expect(order).toEqual([{ text: 'a' }])
    const { calls, result: answered } = accept(json(sayLater), '[]')
    await answered
    expect(calls).toEqual([['send', expect.stringContaining('"error":"invalid message"')]])
  })

  test.each([['null'], ['true'], ['-1.5e3'], ['"x"'], ['[]'], [' {"a":[{}]} ']])(
    'accepts any JSON without a schema: %s',
    text => {
      expect(accept(json(), text).calls).toEqual([['value', JSON.parse(text)]])
    },
  )

  test('C12: a binary message closes with 1003, even if its bytes are JSON', () => {
    const { calls, result } = accept(json(), new TextEncoder().encode('{}'))
    expect(calls).toEqual([['close', 1003, 'message is not text']])
    expect(result).toBe(undefined)
  })

  test.each(['', ' ', '{', '{"a":1,}', "{'a':1}", '\uFEFF{}', 'NaN', 'undefined', '01', '{} {}', '"\n"'])(
    'closes with 1007 if a text is not JSON: %j',
    text => {
      expect(accept(json(say), text).calls).toEqual([['close', 1007, 'message is not JSON']])
    },
  )

  test('answers a message that fails the schema, and keeps the connection open', () => {
    expect(accept(json(say), '{"text":1}').calls).toEqual([
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
    const format = json(say, { invalid: (_, problem) => problems.push(problem) })
    const data = Uint8Array.of(1)
    for (const message of [data, '{', '[7]']) expect(accept(format, message).calls).toEqual([])
    expect(problems).toEqual([
      { kind: 'binary', data },
      { kind: 'syntax', data: '{', cause: expect.any(SyntaxError) },
      { kind: 'schema', value: [7], issues: [{ path: ['text'], message: 'must be a string' }] },
    ])
    const answering = json(say, { invalid: answerProblem })
    expect([data, '{', '[7]'].map(message => accept(answering, message).calls)).toEqual([
      [['close', 1003, 'message is not text']],
      [['close', 1007, 'message is not JSON']],
      [['send', expect.any(String)]],
    ])
  })

  test('lets errors of handlers and schemas through', async () => {
    const error = new Error('test error')
    const fail = (): never => {
      throw error
    }
    expect(() => accept(json(), '0', fail)).toThrow(error)
    expect(() => accept(json(undefined, { invalid: fail }), '')).toThrow(error)
    expect(() => accept(json(schemaOf(fail)), '0')).toThrow(error)
    await expect(accept(json(schemaOf(async () => fail())), '0').result).rejects.toBe(error)
    await expect(accept(json(sayLater), '{"text":""}', fail).result).rejects.toBe(error)
  })

  test('R11: JSON nested 100,000 deep does not overflow the stack', async () => {
    const deep = '['.repeat(100_000) + ']'.repeat(100_000)
    let depth = 0
    accept(json(), deep, value => {
      for (depth = 0; Array.isArray(value); depth++) value = value[0]
    })
    expect(depth).toBe(100_000)
    expect(accept(json(), '['.repeat(2 ** 20)).calls).toEqual([['close', 1007, 'message is not JSON']])
    // An error in a recursive schema is passed on like an error in a handler.
    const recurse = (value: unknown): SchemaResult<unknown> => {
      if (Array.isArray(value)) value.forEach(recurse)
      return { value }
    }
    expect(() => accept(json(schemaOf(recurse)), deep)).toThrow(RangeError)
    const later = json(schemaOf(async value => recurse(value)))
    await expect(accept(later, deep).result).rejects.toThrow(RangeError)
  })

  test('treats __proto__ in a message as an ordinary key', () => {
    accept(json(), '{"__proto__":{"admin":true}}', value => {
      expect(Object.getPrototypeOf(value)).toBe(Object.prototype)
    })
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
      expect(accept(json(say), text).calls).toHaveLength(1)
    }
  })

  test('calls the schema and invalid as methods of their objects', () => {
    const called: unknown[] = []
    const schema: StandardSchemaV1 = {
      '~standard': {
        version: 1,
        vendor: 'test',
        validate() {
          called.push(this)
          return { issues: [] }
        },
      },
    }
    const options: JsonOptions = {
      invalid() {
        called.push(this)
      },
    }
    accept(json(schema, options), '0')
    expect(called.map(owner => owner === schema['~standard'] || owner === options)).toEqual([true, true])
  })

  test('R12: throws a TypeError for wrong arguments', () => {
    const make =
      (...options: unknown[]) =>
      () =>
        json(...(options as [StandardSchemaV1]))
    for (const options of [null, 1])
      expect(make(say, options)).toThrow(new TypeError('the options must be an object'))
    expect(make(say, { invalid: null })).toThrow(new TypeError('invalid must be a function'))
    expect(make(say, { open() {} })).toThrow(new TypeError('unknown option "open" (expected one of invalid)'))
    const standard = say['~standard']
    for (const schema of [
      null,
      {},
      'x',
      () => true,
      { schema: say },
      { '~standard': { ...standard, version: 2 } },
      { '~standard': { ...standard, validate: undefined } },
    ]) {
      expect(make(schema)).toThrow(
        new TypeError('schema must be a Standard Schema of version 1 (https://standardschema.dev)'),
      )
    }
    expect(make(undefined, { invalid: undefined })).not.toThrow()
    expect(make(Object.assign(() => true, say))).not.toThrow()
  })
})

describe('sendJson', () => {
  test('sends JSON text and returns the result of send', () => {
    const sent: unknown[] = []
    const socketWith = (room: boolean): Pick<Socket, 'send'> => ({
      send: data => sent.push(data) > 0 && room,
    })
    expect(sendJson(socketWith(true), { a: [1, null, 'ü'] })).toBe(true)
    expect(sendJson(socketWith(false), 'x')).toBe(false)
    expect(sent).toEqual(['{"a":[1,null,"ü"]}', '"x"'])
  })

  test('throws a TypeError for a value without a JSON text', () => {
    const circle: unknown[] = []
    circle.push(circle)
    const socket: Pick<Socket, 'send'> = { send: () => expect.unreachable() }
    for (const value of [undefined, () => 1, Symbol('x')])
      expect(() => sendJson(socket, value)).toThrow(new TypeError(`JSON has no text for ${typeof value}`))
    for (const value of [1n, circle]) expect(() => sendJson(socket, value)).toThrow(TypeError)
  })
})

describe('types of json', () => {
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

  test('make a format of the output of the schema', () => {
    expectTypeOf(json(say)).toEqualTypeOf<Format<Say>>()
    expectTypeOf(json(sayLater, { invalid: answerProblem })).toEqualTypeOf<Format<Say>>()
    expectTypeOf(json()).toEqualTypeOf<Format<unknown>>()
    expectTypeOf(json(undefined, {})).toEqualTypeOf<Format<unknown>>()
    json(say, {
      invalid(socket, problem) {
        expectTypeOf(socket).toEqualTypeOf<Socket>()
        expectTypeOf(problem).toEqualTypeOf<JsonProblem>()
      },
    })
  })

  test('reject wrong arguments at compile time', () => {
    // @ts-expect-error This is not a Standard Schema.
    expect(() => json({ parse: () => 1 })).toThrow(TypeError)
    // @ts-expect-error This is not an option.
    expect(() => json(say, { message() {} })).toThrow(TypeError)
  })
})
