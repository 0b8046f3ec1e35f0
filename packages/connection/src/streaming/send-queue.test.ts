import { describe, expect, test } from 'vitest'
import { ConnectionEnd, settled } from '../../test/connection-end.ts'

/** A source that yields when told to. */
class Source {
  readonly #next: PromiseWithResolvers<string | undefined>[] = [Promise.withResolvers()]
  started = false

  push(piece: string | undefined): void {
    this.#next.at(-1)!.resolve(piece)
    this.#next.push(Promise.withResolvers())
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<string> {
    this.started = true
    for (let i = 0; ; i++) {
      const piece = await this.#next[i]!.promise
      if (piece === undefined) return
      yield piece
    }
  }
}

describe('SendQueue', () => {
  test('reads the source of a message once the message before it has been sent', async () => {
    const end = new ConnectionEnd().open()
    const [first, second] = [new Source(), new Source()]
    const sending = [end.socket.sendStream(first), end.socket.sendStream(second)]
    second.push('b')
    second.push(undefined)
    first.push('a')
    await settled()
    expect([second.started, end.frames]).toEqual([false, ['text a']])
    first.push(undefined)
    await Promise.all(sending)
    await settled()
    expect(end.frames).toEqual(['text a', 'continuation 0', 'text b', 'continuation 0'])
    end.connection.terminate()
  })

  test('continues with the next message when one fails before its first piece', async () => {
    const end = new ConnectionEnd().open()
    const failing = end.socket.sendStream([1 as unknown as string])
    const next = end.socket.sendStream(['b'])
    await expect(failing).rejects.toThrow(TypeError)
    await next
    await settled()
    expect(end.frames).toEqual(['text b', 'continuation 0'])
    end.connection.terminate()
  })

  test('waits at the high-water mark until the peer reads', async () => {
    const end = new ConnectionEnd({}, { highWaterMark: 1000 }, false).open()
    let pieces = 0
    const sending = end.socket.sendStream(
      (function* () {
        while (pieces < 100) {
          pieces++
          yield new Uint8Array(2000)
        }
      })(),
    )
    await settled()
    // 64 KiB fill the buffer of the transport in memory.
    expect(pieces).toBeLessThan(50)
    end.read()
    await sending
    await settled()
    expect([pieces, end.frames.length]).toEqual([100, 101])
    end.connection.terminate()
  })

  test('rejects its messages with the close report as the cause when the connection ends', async () => {
    const end = new ConnectionEnd().open()
    const sending = [end.socket.sendStream(new Source()), end.socket.sendStream(['b'])]
    const results = Promise.allSettled(sending)
    end.connection.terminate()
    const cause = await end.socket.closed
    for (const result of await results)
      expect(result).toMatchObject({ status: 'rejected', reason: { cause } })
  })
})
