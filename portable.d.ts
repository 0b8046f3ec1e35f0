// All that the portable packages (handshake, frame, protocol) take from their host besides the language itself.
// They compile against this file and no other types, so nothing of Node, of a browser or of a timer can slip in.

declare class TextEncoder {
  encode(text: string): Uint8Array<ArrayBuffer>
  encodeInto(text: string, target: Uint8Array): { read: number; written: number }
}

declare class TextDecoder {
  constructor(label?: string, options?: { fatal?: boolean; ignoreBOM?: boolean })
  decode(bytes?: Uint8Array, options?: { stream?: boolean }): string
}

declare const crypto: { getRandomValues<T extends Uint8Array | Uint32Array>(array: T): T }

declare class URL {
  static canParse(text: string): boolean
  constructor(text: string)
  readonly hostname: string
}
