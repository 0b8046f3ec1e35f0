// A WebSocket for tests whose other end is in the test's hands.

interface Frame {
  readonly t: string
  readonly id: number
}

export class ManualSocket extends EventTarget {
  /** All sockets, the newest last. Tests empty it. */
  static all: ManualSocket[] = []
  readonly url: string
  readonly protocol: string
  readonly sent: Frame[] = []
  isClosed = false

  constructor(url: string, protocol: string) {
    super()
    this.url = url
    this.protocol = protocol
    ManualSocket.all.push(this)
  }

  send(text: string): void {
    this.sent.push(JSON.parse(text))
  }

  close(): void {
    this.isClosed = true
  }

  open(): void {
    this.dispatchEvent(new Event('open'))
  }

  say(message: object): void {
    this.dispatchEvent(Object.assign(new Event('message'), { data: JSON.stringify(message) }))
  }

  end(code: number, reason = ''): void {
    this.dispatchEvent(Object.assign(new Event('close'), { code, reason }))
  }

  /** The last sent message. */
  get last(): Frame {
    return this.sent.at(-1)!
  }
}
