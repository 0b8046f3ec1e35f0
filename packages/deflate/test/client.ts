// A client on a real socket, put together from the packages, with a negotiated extension.

import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { createRequest, formatRequest, ResponseParser, validateResponse } from '@ws/handshake'
import { type NegotiableExtension, Protocol, type ProtocolSink } from '@ws/protocol'

/** An open connection to a server on this machine. */
export class OwnClient {
  readonly protocol: Protocol
  readonly messages: (string | Uint8Array)[] = []
  readonly transport: Socket
  #wake = Promise.withResolvers<void>()

  private constructor(transport: Socket, protocol: (sink: ProtocolSink) => Protocol) {
    this.transport = transport
    const wake = () => {
      this.#wake.resolve()
      this.#wake = Promise.withResolvers()
    }
    this.protocol = protocol({
      message: data => {
        this.messages.push(data)
        wake()
      },
      close: wake,
      output: () => this.flush(),
    })
    transport.on('data', bytes => {
      this.protocol.receive(bytes)
      this.flush()
    })
  }

  /** Throws if the handshake fails or the server declines the extension. */
  static async connect(port: number, deflate: NegotiableExtension): Promise<OwnClient> {
    const { name, offers } = deflate
    const extensions = offers.map(params => ({ name, params }))
    const request = createRequest({ host: 'localhost', target: '/', extensions })
    const transport = connect(port, '127.0.0.1')
    transport.write(formatRequest(request))
    const [bytes] = (await once(transport, 'data')) as [Buffer]
    const response = new ResponseParser().push(bytes)
    if (!response?.ok) throw new Error('no response')
    const verified = validateResponse(response.head, request)
    if (!verified.ok) throw new Error(verified.error)
    const [agreed] = verified.extensions
    if (agreed === undefined) throw new Error('the server declined the extension')
    const extension = deflate.confirm(agreed.params)
    if (typeof extension === 'string') throw new Error(extension)
    return new OwnClient(transport, sink => new Protocol('client', sink, { extension }))
  }

  send(data: string | Uint8Array): void {
    this.protocol.send(data)
    this.flush()
  }

  flush(): void {
    for (const bytes of this.protocol.takeOutput()) this.transport.write(bytes)
  }

  /** Resolves when `count` messages have been received; rejects if the connection closes first. */
  async received(count: number): Promise<void> {
    while (this.messages.length < count) {
      if (this.protocol.state === 'closed') throw new Error('closed')
      await this.#wake.promise
    }
  }
}
