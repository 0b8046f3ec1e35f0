// The events that listeners of `addEventListener` and the `on…` properties get, as in browsers.

/** The data of a message event: a text is a string, binary data has the type of `binaryType`. */
export type Data = string | Buffer | ArrayBuffer | Buffer[]

/** An event, as listeners see it. */
export interface EventOf<Target> {
  type: string
  target: Target
}

/** The end of a WebSocket. */
export interface CloseEventOf<Target> extends EventOf<Target> {
  wasClean: boolean
  code: number
  reason: string
}

/** A failure of a WebSocket. */
export interface ErrorEventOf<Target> extends EventOf<Target> {
  // biome-ignore lint/suspicious/noExplicitAny: programs read properties such as `code` without a cast.
  error: any
  message: string
}

/** A received message. */
export interface MessageEventOf<Target> extends EventOf<Target> {
  data: Data
}

/** The events that have objects. */
export interface EventMapOf<Target> {
  open: EventOf<Target>
  error: ErrorEventOf<Target>
  close: CloseEventOf<Target>
  message: MessageEventOf<Target>
}

/** An event of a WebSocket. */
export class Event<Target = unknown> {
  readonly #type: string
  readonly #target: Target

  constructor(type: string, target: Target) {
    this.#type = type
    this.#target = target
  }

  /** The name of the event. */
  get type(): string {
    return this.#type
  }

  /** The WebSocket. */
  get target(): Target {
    return this.#target
  }
}

/** The end of a WebSocket. */
export class CloseEvent<Target = unknown> extends Event<Target> {
  readonly #code: number
  readonly #reason: string
  readonly #wasClean: boolean

  constructor(
    target: Target,
    {
      code,
      reason,
      wasClean,
    }: { readonly code: number; readonly reason: string; readonly wasClean: boolean },
  ) {
    super('close', target)
    this.#code = code
    this.#reason = reason
    this.#wasClean = wasClean
  }

  /** The code of the peer's Close frame, 1005 if it had none, or 1006 without a Close frame. */
  get code(): number {
    return this.#code
  }

  /** The reason in the peer's Close frame. */
  get reason(): string {
    return this.#reason
  }

  /** Whether both sides sent a Close frame. */
  get wasClean(): boolean {
    return this.#wasClean
  }
}

/** A failure of a WebSocket. */
export class ErrorEvent<Target = unknown> extends Event<Target> {
  readonly #error: Error

  constructor(target: Target, error: Error) {
    super('error', target)
    this.#error = error
  }

  /** The error. */
  get error(): Error {
    return this.#error
  }

  /** The message of the error. */
  get message(): string {
    return this.#error.message
  }
}

/** A received message. */
export class MessageEvent<Target = unknown> extends Event<Target> {
  readonly #data: Data

  constructor(target: Target, data: Data) {
    super('message', target)
    this.#data = data
  }

  /** The message. */
  get data(): Data {
    return this.#data
  }
}

// As of an event of the DOM, the properties are enumerable, so that programs can list and copy them.
for (const [EventClass, names] of [
  [Event, ['type', 'target']],
  [CloseEvent, ['code', 'reason', 'wasClean']],
  [ErrorEvent, ['error', 'message']],
  [MessageEvent, ['data']],
] as const) {
  for (const name of names) Object.defineProperty(EventClass.prototype, name, { enumerable: true })
}
