// The shape of a case: what the tester sends on one connection, which answers count, and how the
// end of the connection is judged. All times are in milliseconds.

/** Octets: exact, a unit repeated and cut to `bytes`, ASCII text, or any of these compressed. */
export type Payload =
  | { readonly hex: string }
  | { readonly repeatHex: string; readonly bytes: number }
  | { readonly ascii: string }
  /** A message as permessage-deflate sends it, without a history (RFC 7692 §7.2.1). */
  | { readonly deflated: Payload; readonly window?: number }

/** Reserved bits as a number: RSV1 is 4, RSV2 is 2, RSV3 is 1. */
interface FrameFields {
  /** 0 to 15, reserved opcodes included. */
  readonly op: number
  readonly fin: boolean
  readonly rsv: number
}

/** How a frame is written. Without either, the frames of one turn are one write. */
interface Writing {
  /** The frame is written in pieces of this many octets; the event loop runs in between. */
  readonly chop?: number
  /** The frame is a write of its own, and the event loop runs after it. */
  readonly sync?: true
  /** The frame is sent this many times. Default: once. */
  readonly times?: number
}

/** One frame, legal or not. */
export interface FrameStep extends Writing {
  readonly frame: FrameFields & {
    readonly payload: Payload
    /** False or true: masked against the rule of the role. Default: as the role must. */
    readonly masked?: boolean
    /** The masking key of a masked frame. Default: a random one. */
    readonly maskingKey?: number
    /** Octets of the extended payload length. Default: the shortest form. */
    readonly lengthSize?: 2 | 8
    /** The length in the header, as a decimal number. Default: that of the payload. */
    readonly claims?: string
  }
}

/** One message in fragments of `size` octets; the last one has the rest, which may be nothing. */
export interface FragmentsStep {
  readonly fragments: {
    readonly op: number
    readonly payload: Payload
    readonly size: number
    readonly frames: number
    readonly lastBytes: number
  }
}

/** Messages, each sent after the echo of the one before. */
export interface RoundsStep {
  readonly rounds: { readonly count: number; readonly op: 1 | 2 } & (
    | { readonly payload: Payload }
    | {
        readonly compressed: true
        /** The compressed message is cut into frames of this many octets; null: one frame. */
        readonly fragment: number | null
        /** The next `length` units of a source, which starts again at its end. */
        readonly data: {
          readonly source: DataSource
          readonly length: number
          readonly unit: 'codepoint' | 'byte'
        }
      }
  )
}

/** What the tester does, in order, from the moment the connection is open. */
export type Step =
  | FrameStep
  | FragmentsStep
  | RoundsStep
  /** The header of a frame whose payload follows in parts. */
  | { readonly frameHead: FrameFields & { readonly length: number } }
  /** The next part of that payload. */
  | { readonly frameBytes: Payload }
  /** The closing handshake begins. A second one is not sent. */
  | { readonly close: { readonly code: number | null; readonly reason?: Payload } }
  /** A pause. With a label, it is an event if the connection is still open at its end. */
  | { readonly wait: number; readonly label: string | null }
  /** After this time: Close 1001 if open, and the end of TCP if closing. */
  | { readonly kill: number }
  /** After this time: a Close without a code if open. */
  | { readonly closeAfter: number }

/**
 * Something the peer sent, or a pause that it let pass. `echo` lists steps, from 0; `content` is the
 * message itself.
 */
export type Event =
  | { readonly message: { readonly op: number; readonly echo: readonly number[] } }
  | { readonly message: { readonly op: number; readonly content: Payload } }
  | { readonly pong: { readonly echo: readonly number[] } }
  | { readonly timeout: string }

/** The parameters of one offer of permessage-deflate (RFC 7692 §7.1). */
export interface DeflateOffer {
  readonly clientNoContext: boolean
  /** True: the client supports the parameter. A number: its value. */
  readonly clientMaxBits: boolean | number
  readonly serverNoContext: boolean
  readonly serverMaxBits: number | null
}

/** An answer to an offer, taken if some offer allows it (RFC 7692 §7.1). */
export interface DeflateAnswer {
  readonly clientNoContext: boolean
  readonly clientMaxBits: number | null
}

/** Compression in a case: the offers of a client, the answers of a server, best first. */
export interface DeflateTerms {
  readonly offers: readonly DeflateOffer[]
  readonly accepts: readonly DeflateAnswer[]
}

/** How the events become a verdict. */
export type Check =
  /** The events are one of the accepted sequences. */
  | 'events'
  /** The first message has the right type and length. */
  | 'echoLength'
  /** Every echo has the right type and length. */
  | 'echoRounds'
  /** Every echo has the right type and content. */
  | 'echoContent'
  /** The events are right, and no masking key is used twice or is zero. */
  | 'maskingKeys'

/** Indexes into `expect`. */
export interface Verdicts {
  readonly ok: readonly number[]
  readonly nonStrict: readonly number[]
  /** The case shows a behavior and judges nothing. */
  readonly informational: boolean
  /** For such a case: what each sequence shows. */
  readonly note?: Readonly<Record<string, string>>
  /** A peer that does not negotiate compression is not judged. */
  readonly unimplemented?: 'no deflate'
}

/** How the end of the connection is judged. */
export interface Closing {
  /** Which side sends Close first, or drops TCP. */
  readonly by: 'tester' | 'peer'
  /** Whether the peer must take part in the closing handshake. */
  readonly clean: boolean
  /** Codes that the peer's Close may have. No code, or no Close, passes. */
  readonly codes: readonly number[]
  /** The code of the tester's Close once the check is over; null: none by itself. */
  readonly auto: number | null
  readonly wrongCodeFails: boolean
  readonly wrongSideFails: boolean
}

interface Described {
  /** `1.1.1`. Numbers are the well-known cases; a letter in front marks our own. */
  readonly id: string
  readonly group: string
  readonly title: string
  /** What the standard asks. */
  readonly requirement: string
  /** `6455-5.2,5.6`: sections of an RFC; several RFCs are separated by `;`. */
  readonly rfc: string
  /** The role of the peer that can be tested, where it is not either. */
  readonly only?: 'server' | 'client'
  /** Not run unless asked for: drivers of clients may stop at a handshake that fails. */
  readonly optional?: true
}

/** A connection that is opened, used and closed. */
export interface ExchangeCase extends Described {
  readonly connect: {
    readonly path: string
    readonly subprotocols: readonly string[]
    readonly deflate: DeflateTerms | null
  }
  readonly send: readonly Step[]
  readonly check: Check
  readonly expect: readonly (readonly Event[])[]
  readonly verdicts: Verdicts
  readonly close: Closing
  readonly measure?: string
}

/**
 * An opening handshake that is not what it should be. Lines end with CR LF. `{host}`, `{path}`,
 * `{key}` and `{accept}` stand for the right values.
 */
export interface HandshakeCase extends Described {
  readonly only: 'server' | 'client'
  /** A request for a server, or a response for a client. */
  readonly head: readonly string[]
  /** Octets after the head. */
  readonly body?: Payload
  readonly outcome: {
    /** `open`: the handshake succeeds. `reject`: it must fail. */
    readonly expect: 'open' | 'reject'
    /** Statuses with which a strict server rejects; empty: any but 101, or no answer at all. */
    readonly statuses: readonly number[]
    /** Header fields that the response must have: names, and a part of the value. */
    readonly fields?: readonly (readonly [name: string, part: string])[]
    /** Header fields that the response must not have. */
    readonly without?: readonly string[]
    /** To reject the handshake is accepted, but not strict. */
    readonly mayReject?: true
    /** To open the WebSocket is accepted, but not strict. */
    readonly mayOpen?: true
  }
}

export type Case = ExchangeCase | HandshakeCase

export function isHandshake(each: Case): each is HandshakeCase {
  return 'head' in each
}

/** Test data whose size and compression ratio differ; see `createData`. */
export type DataSource = 'json' | 'bitmap' | 'prose' | 'html' | 'pdf'
