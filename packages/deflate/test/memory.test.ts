// Memory: of idle connections (D12), while a decompression bomb is inflated (D1), after load (D11).

import { randomBytes as cryptoBytes } from 'node:crypto'
import { constants, deflateRawSync } from 'node:zlib'
import { Opcode } from '@ws/frame'
import { type Extension, portableHost, type TransformOutput } from '@ws/protocol'
import { collectGarbage, onV8 } from '@ws/testing'
import { describe, expect, test } from 'vitest'
import { agree, createDeflate, End, RSV1 } from './ends.ts'

const KIB = 1024
const MIB = 1024 * KIB

/** Bytes in use outside of the heap. */
function used(): number {
  // Memory that the first call finds is freed by another thread; the second call waits for that.
  collectGarbage()
  collectGarbage()
  // It includes array buffers.
  return process.memoryUsage().external
}

const turns = async () => {
  for (let i = 0; i < 5; i++) {
    collectGarbage()
    await new Promise(resolve => setImmediate(resolve))
  }
}

/** The extension, with `look` called after each large step of output. */
function watched(extension: Extension, look: () => void): Extension {
  return {
    name: extension.name,
    reservedBits: extension.reservedBits,
    receiving(bits, type) {
      const transform = extension.receiving(bits, type)
      return {
        write: (piece, last, output) =>
          transform.write(piece, last, {
            get room() {
              return output.room
            },
            push(bytes) {
              try {
                output.push(bytes)
              } finally {
                if (bytes.length >= 60 * KIB) look()
              }
            },
          } satisfies TransformOutput),
      }
    },
    sending: (...args) => extension.sending(...args),
    close: () => extension.close(),
  }
}

onV8(describe).each([
  ['one frame', 1],
  ['100 frames', 100],
])('D1: a bomb of 4 MiB in %s', (_name, count) => {
  test('never uses more than the limit of 1 MiB and 256 KiB', async () => {
    const bomb = deflateRawSync(Buffer.alloc(4 * MIB), { finishFlush: constants.Z_SYNC_FLUSH }).subarray(
      0,
      -4,
    )
    const size = Math.ceil(bomb.length / count)
    const extension = agree(createDeflate(), createDeflate()).server
    // Memory that is shared by all messages is allocated before the measurement.
    let most = 0
    const look = () => {
      most = Math.max(most, used())
    }
    const allocate = (size: number) => {
      const memory = new Uint8Array(size)
      if (size > 64 * KIB) look()
      return memory
    }
    const end = new End('server', watched(extension, look), { host: { ...portableHost, allocate } })
    end.receive({ opcode: 2, rsv: RSV1, payload: deflateRawSync(Buffer.alloc(10)) })
    await turns()
    const before = used()
    most = 0
    for (let i = 0; i < count; i++) {
      const payload = bomb.subarray(i * size, (i + 1) * size)
      end.receive({
        opcode: i === 0 ? Opcode.binary : 0,
        rsv: i === 0 ? RSV1 : 0,
        payload,
        fin: i === count - 1,
      })
    }
    await end.until(() => end.reports.length > 0)
    expect(end.reports).toMatchObject([{ code: 1009 }])
    expect(most - before).toBeGreaterThan(512 * KIB)
    expect(most - before).toBeLessThan(MIB + 256 * KIB)
  })
})

onV8(test)('D12: an idle connection without context takeover holds no zlib state', async () => {
  const deflate = createDeflate()
  const texts = Array.from({ length: 3 }, (_, i) => cryptoBytes(1000 * (i + 1)).toString('hex'))
  const use = () => {
    const { server } = agree(deflate, createDeflate())
    const end = new End('server', server)
    for (const text of texts) {
      end.protocol.send(text)
      const payload = deflateRawSync(text, { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4)
      end.receive(
        { opcode: 1, rsv: RSV1, payload: payload.subarray(0, 40), fin: false },
        { opcode: 0, payload: payload.subarray(40) },
      )
    }
    expect(end.messages).toEqual(texts)
    expect(end.written()).toHaveLength(3)
    end.messages.length = 0
    return end
  }
  use()
  await turns()
  const before = used()
  const ends = Array.from({ length: 200 }, use)
  await turns()
  expect((used() - before) / ends.length).toBeLessThan(KIB)
})

onV8(test)('D11: memory is freed after a load', async () => {
  const deflate = createDeflate({ contextTakeover: true })
  const text = cryptoBytes(2000).toString('hex')
  const load = () => {
    const ends = Array.from(
      { length: 100 },
      () => new End('server', agree(deflate, createDeflate({ contextTakeover: true })).server),
    )
    for (const end of ends) {
      for (let i = 0; i < 20; i++) end.protocol.send(text)
      end.written()
      end.protocol.terminate()
    }
  }
  load()
  await turns()
  const before = used()
  for (let round = 0; round < 3; round++) load()
  await turns()
  expect(used() - before).toBeLessThan(MIB)
})
