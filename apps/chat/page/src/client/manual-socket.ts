// A WebSocket for tests whose other end is in the test's hands.

interface Frame {
  readonly t: string
  readonly id: number
}

export class ManualSocket extends EventTarget {
  /** All that were made, the newest last. For a test to empty. */
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

  /** What was sent last. */
  get last(): Frame {
    return this.sent.at(-1)!
  }
}
