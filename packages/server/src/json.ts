/**
 * Messages that are JSON of a known shape, on top of the server's public API: handlers to spread
 * into its options. It uses only `send` and `close` of a socket.
 * @module @ws/server/json
 */

import { checkFunctions, checkNames } from '@ws/connection/internal'
import type { Bytes, Message } from '@ws/protocol'

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

/** The methods of a socket that are used here. */
export interface JsonSocket {
  /** Sends a text. Returns false at the high-water mark. */
  send(data: string): boolean
  /** Begins the closing handshake. */
  close(code?: number, reason?: string): void
}

/** A problem with a message. */
export type JsonProblem =
  /** It is not text. */
  | { readonly kind: 'binary'; readonly data: Bytes }
  /** It is not JSON; `cause` is the `SyntaxError`. */
  | { readonly kind: 'syntax'; readonly data: string; readonly cause: unknown }
  /** It is JSON that does not match the schema. */
  | { readonly kind: 'schema'; readonly value: unknown; readonly issues: readonly SchemaIssue[] }

/** Options of `json`. */
export interface JsonOptions<Schema extends StandardSchemaV1 | undefined, S extends JsonSocket> {
  /** The schema of messages. Without it they are any JSON, typed `unknown`. */
  readonly schema?: Schema
  /**
   * Receives a valid message. Like the server's own `message`, it may return a promise, for which
   * the next message waits.
   */
  readonly message: (socket: S, value: InferOutput<Schema>) => void | Promise<void>
  /** Receives an invalid message, instead of `answerProblem`. */
  readonly invalid?: (socket: S, problem: JsonProblem) => void | Promise<void>
}

/** The handlers to spread into the options of a server or a route. */
export interface JsonHandlers<S extends JsonSocket> {
  /** Parses a message, validates it and calls the handler. */
  readonly message: (socket: S, data: Message) => void | Promise<void>
}

const OPTION_NAMES = ['schema', 'message', 'invalid']

/**
 * Creates handlers of JSON messages. A message costs no promise unless the schema or a handler
 * returns one. Their errors are handled like those of any handler; a recursive schema may throw for
 * deeply nested JSON. Throws a `TypeError` for wrong options.
 */
export function json<
  Schema extends StandardSchemaV1 | undefined = undefined,
  S extends JsonSocket = JsonSocket,
>(options: JsonOptions<Schema, S>): JsonHandlers<S> {
  const validator = checkOptions(options)

  function settle(
    socket: S,
    value: unknown,
    result: SchemaResult<InferOutput<Schema>>,
  ): void | Promise<void> {
    if (result.issues === undefined) return options.message(socket, result.value)
    return refuse(socket, { kind: 'schema', value, issues: result.issues })
  }

  function refuse(socket: S, problem: JsonProblem): void | Promise<void> {
    if (options.invalid !== undefined) return options.invalid(socket, problem)
    return answerProblem(socket, problem)
  }

  return {
    message(socket, data) {
      if (typeof data !== 'string') return refuse(socket, { kind: 'binary', data })
      let value: unknown
      try {
        value = JSON.parse(data)
      } catch (cause) {
        return refuse(socket, { kind: 'syntax', data, cause })
      }
      // Without a schema, the type is unknown.
      if (validator === undefined) return options.message(socket, value as InferOutput<Schema>)
      const result = validator.validate(value) as
        | SchemaResult<InferOutput<Schema>>
        | Promise<SchemaResult<InferOutput<Schema>>>
      if ('then' in result) return result.then(settled => settle(socket, value, settled))
      return settle(socket, value, result)
    },
  }
}

/**
 * Answers an invalid message, unless `invalid` is given. A binary message closes with 1003, one that
 * is not JSON with 1007 (RFC 6455 §7.4.1). One that does not match the schema is answered
 * `{"error":"invalid message","issues":[{"path":["user","name"], "message":"…"}]}` with at most 8
 * shortened issues, and the connection stays open.
 */
export function answerProblem(socket: JsonSocket, problem: JsonProblem): void {
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
export function sendJson(socket: Pick<JsonSocket, 'send'>, value: unknown): boolean {
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

/** The schema's validator, if there is one. */
function checkOptions(options: {
  readonly schema?: unknown
  readonly message: unknown
  readonly invalid?: unknown
}): StandardSchemaV1['~standard'] | undefined {
  checkNames(options, OPTION_NAMES)
  checkFunctions(options, ['message', 'invalid'])
  const { schema, message } = options
  if (message === undefined) throw new TypeError('message must be a function')
  if (schema === undefined) return undefined
  // Some schemas are functions.
  const standard = (schema as Partial<StandardSchemaV1> | null)?.['~standard']
  if (standard?.version !== 1 || typeof standard.validate !== 'function')
    throw new TypeError('schema must be a Standard Schema of version 1 (https://standardschema.dev)')
  return standard
}
