import { type Frame, Opcode } from '@ws/frame'
import { describe, expect, test } from 'vitest'
import { ConnectionEnd, settled, text } from '../test/connection-end.ts'

const KIBIBYTE = 1024

/** The first frame of a message that goes on. */
const begin = (message: string): Frame => ({ ...text(message), fin: false })

describe('the memory that a connection buffers', () => {
  test('is that of its unsent output, until the peer has read it', async () => {
    const end = new ConnectionEnd({}, {}, false).open()
    end.socket.send(new Uint8Array(100 * KIBIBYTE))
    await settled()
    expect(end.bufferedMemory).toBeGreaterThanOrEqual(100 * KIBIBYTE)
    end.read()
    await settled()
    end.connection.countBufferedMemory()
    expect([end.bufferedMemory, end.connection.bufferedMemory]).toEqual([0, 0])
    end.connection.terminate()
  })

  test('is that of a message in progress, until it is complete', async () => {
    const end = new ConnectionEnd().open()
    await end.receive(begin('a'.repeat(KIBIBYTE)))
    expect(end.bufferedMemory).toBeGreaterThanOrEqual(KIBIBYTE)
    await end.receive({ ...text('end'), opcode: Opcode.continuation })
    expect(end.bufferedMemory).toBe(0)
    end.connection.terminate()
  })

  test('is that of messages that wait for a handler, until it has settled', async () => {
    const handler = Promise.withResolvers<void>()
    const end = new ConnectionEnd({ message: () => handler.promise }).open()
    await end.receive(text('first'), text('a'.repeat(KIBIBYTE)))
    expect(end.bufferedMemory).toBeGreaterThanOrEqual(KIBIBYTE)
    handler.resolve()
    await settled()
    expect(end.bufferedMemory).toBe(0)
    end.connection.terminate()
  })

  test('is released when the connection is terminated or its transport is destroyed', async () => {
    for (const destroy of [
      (end: ConnectionEnd) => end.connection.terminate(),
      (end: ConnectionEnd) => end.transport.destroy(),
    ]) {
      const end = new ConnectionEnd({}, {}, false).open()
      await end.receive(begin('a'.repeat(KIBIBYTE)))
      end.socket.send(new Uint8Array(100 * KIBIBYTE))
      await settled()
      expect(end.bufferedMemory).toBeGreaterThan(100 * KIBIBYTE)
      destroy(end)
      await settled()
      expect(end.bufferedMemory).toBe(0)
    }
  })

  test('no longer counts once the owner has been told that the connection is finished', async () => {
    const end = new ConnectionEnd(
      { message: () => new Promise<void>(() => undefined) },
      { closeTimeout: 50 },
    ).open()
    await end.receive(text('first'), text('second'))
    end.transport.destroy()
    await settled()
    expect(end.bufferedMemory).toBeGreaterThan(0)
    for (const now of [0, 100, 200]) end.connection.tick(now, 100)
    expect(end.events).toContain('connection finished')
    expect(end.bufferedMemory).toBe(0)
  })
})

describe('closeForMemory', () => {
  test('sends a Close with 1013 and drops input where no output is unsent', async () => {
    const end = new ConnectionEnd({
      close: (_, { code, by, cause }) => void end.events.push(`${code} ${by} ${cause?.code}`),
    }).open()
    await end.receive(begin('a'.repeat(KIBIBYTE)))
    end.connection.closeForMemory()
    await settled()
    expect(end.frames).toEqual(['close 1013 too much is buffered for all connections'])
    expect(end.events).toEqual(['connection closed', '1013 local ERR_WS_MEMORY_LIMIT'])
    end.connection.countBufferedMemory()
    expect(end.bufferedMemory).toBe(0)
    end.connection.terminate()
  })

  test('terminates the connection where output is unsent', async () => {
    const end = new ConnectionEnd(
      { close: (_, { code, by, cause }) => void end.events.push(`${code} ${by} ${cause?.code}`) },
      {},
      false,
    ).open()
    end.socket.send(new Uint8Array(100 * KIBIBYTE))
    await settled()
    end.connection.closeForMemory()
    expect(end.bufferedMemory).toBe(0)
    await settled()
    expect(end.transport.destroyed).toBe(true)
    expect(end.events[1]).toBe('1006 local ERR_WS_MEMORY_LIMIT')
  })
})
