/**
 * Messages that are JSON of a known shape: `format: json(schema)`.
 * @module @ws/connection/json
 */

import type { Bytes, Message } from '@ws/protocol'
import { createFormat, type Format, type ValueHandler } from './format.ts'
import { checkFunctions, checkNames } from './options/check.ts'
import type { Socket } from './socket.ts'

/**
 * Any validator with the interface of the Standard Schema specification, version 1
 * (https://standardschema.dev): those of Zod, Valibot, ArkType and others, or an object of your
 * own.
 */
export interface StandardSchemaV1<Input = unknown, Output = Input> {
  readonly '~standard': {
    readonly version: 1
    readonly vendor: string
    /** The value to use, or the issues. */
    readonly validate: (value: unknown) => SchemaResult<Output> | PromiseLike<SchemaResult<Output>>
    /** Only for the compiler. */
    readonly types?: { readonly input: Input; readonly output: Output } | undefined
  }
}

/** The result of a validation. */
export type SchemaResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] }

/** One fault of a value. */
export interface SchemaIssue {
  readonly message: string
  /** The keys that lead to it from the value's root. */
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined
}

/** The type of a schema's valid values; `unknown` without a schema. */
export type InferOutput<Schema> = Schema extends StandardSchemaV1<unknown, infer Output> ? Output : unknown

/** A problem with a message. */
export type JsonProblem =
  /** It is not text. */
  | { readonly kind: 'binary'; readonly data: Bytes }
  /** It is not JSON; `cause` is the `SyntaxError`. */
  | { readonly kind: 'syntax'; readonly data: string; readonly cause: unknown }
  /** It is JSON that does not match the schema. */
  | { readonly kind: 'schema'; readonly value: unknown; readonly issues: readonly SchemaIssue[] }

/** Options of `json`. */
export interface JsonOptions {
  /** Receives an invalid message, instead of `answerProblem`; a promise is awaited. */
  readonly invalid?: (socket: Socket, problem: JsonProblem) => unknown
}

/**
 * The format of messages that are JSON: the values that the schema makes of them, or any JSON,
 * typed `unknown`, without a schema. `answerProblem` answers the others. A message costs no promise
 * unless the schema or a handler returns one. An error of the schema is handled like that of any
 * handler; a recursive schema may throw for deeply nested JSON. Throws a `TypeError` for wrong
 * arguments.
 */
export function json<Schema extends StandardSchemaV1 | undefined = undefined>(
  schema?: Schema,
  options: JsonOptions = {},
): Format<InferOutput<Schema>> {
  type Value = InferOutput<Schema>
  const validator = validatorOf(schema)
  checkNames(options, ['invalid'])
  checkFunctions(options, ['invalid'])

  function settle(
    handler: ValueHandler<Value>,
    socket: Socket,
    value: unknown,
    result: SchemaResult<Value>,
  ): unknown {
    if (result.issues === undefined) return handler(socket, result.value, 'text')
    return refuse(socket, { kind: 'schema', value, issues: result.issues })
  }

  function refuse(socket: Socket, problem: JsonProblem): unknown {
    if (options.invalid !== undefined) return options.invalid(socket, problem)
    return answerProblem(socket, problem)
  }

  function accept(handler: ValueHandler<Value>, socket: Socket, message: Message): unknown {
    if (typeof message !== 'string') return refuse(socket, { kind: 'binary', data: message })
    let value: unknown
    try {
      value = JSON.parse(message)
    } catch (cause) {
      return refuse(socket, { kind: 'syntax', data: message, cause })
    }
    // Without a schema, the type is unknown.
    if (validator === undefined) return handler(socket, value as Value, 'text')
    const result = validator.validate(value) as SchemaResult<Value> | PromiseLike<SchemaResult<Value>>
    if ('then' in result) return result.then(settled => settle(handler, socket, value, settled))
    return settle(handler, socket, value, result)
  }

  return createFormat(handler => (socket, message) => accept(handler, socket, message))
}

/**
 * Answers an invalid message, unless `invalid` is given. A binary message closes with 1003, one that
 * is not JSON with 1007 (RFC 6455 §7.4.1). One that does not match the schema is answered
 * `{"error":"invalid message","issues":[{"path":["user","name"], "message":"…"}]}` with at most 8
 * shortened issues, and the connection stays open.
 */
export function answerProblem(socket: Pick<Socket, 'send' | 'close'>, problem: JsonProblem): void {
  switch (problem.kind) {
    case 'binary':
      // "1003 indicates that an endpoint is terminating the connection because it has received a
      // type of data it cannot accept (e.g., an endpoint that understands only text data MAY send
      // this if it receives a binary message)."
      socket.close(1003, 'message is not text')
      break
    case 'syntax':
      // "1007 indicates that an endpoint is terminating the connection because it has received data
      // within a message that was not consistent with the type of the message".
      socket.close(1007, 'message is not JSON')
      break
    case 'schema':
      sendJson(socket, {
        error: 'invalid message',
        issues: problem.issues.slice(0, MOST_ISSUES).map(describeIssue),
      })
      break
  }
}

/**
 * Sends `value` as JSON and returns the result of `socket.send`. Throws a `TypeError` for values that
 * JSON cannot represent: undefined, functions, symbols, BigInts, circular references.
 */
export function sendJson(socket: Pick<Socket, 'send'>, value: unknown): boolean {
  // The library's type omits undefined.
  const text: string | undefined = JSON.stringify(value)
  if (text === undefined) throw new TypeError(`JSON has no text for ${typeof value}`)
  return socket.send(text)
}

/**
 * Limits of an answer, which repeats parts of the message: issues, keys of a path, UTF-16 units of a
 * key and of a message.
 */
const MOST_ISSUES = 8
const MOST_KEYS = 8
const LONGEST_KEY = 32
const LONGEST_MESSAGE = 160

function describeIssue(issue: SchemaIssue): { path: (string | number)[]; message: string } {
  return {
    path: (issue.path ?? []).slice(0, MOST_KEYS).map(segment => {
      const key = typeof segment === 'object' ? segment.key : segment
      return typeof key === 'number' ? key : cut(String(key), LONGEST_KEY)
    }),
    message: cut(issue.message, LONGEST_MESSAGE),
  }
}

function cut(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1).toWellFormed()}…`
}

function validatorOf(schema: unknown): StandardSchemaV1['~standard'] | undefined {
  if (schema === undefined) return undefined
  // Some schemas are functions.
  const standard = (schema as Partial<StandardSchemaV1> | null)?.['~standard']
  if (standard?.version !== 1 || typeof standard.validate !== 'function')
    throw new TypeError('schema must be a Standard Schema of version 1 (https://standardschema.dev)')
  return standard
}
