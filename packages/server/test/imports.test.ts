import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

test('a server does not load fetch, web streams, web crypto or the terminal', async () => {
  const program = `
    const { WebSocketServer } = await import(${JSON.stringify(import.meta.resolve('../src/index.ts'))})
    const server = new WebSocketServer({ message() {} })
    const { port } = await server.listen(0)
    const { connect } = process.getBuiltinModule('node:net')
    const peer = connect(port, '127.0.0.1')
    peer.write(${JSON.stringify(REQUEST)})
    await new Promise(resolve => peer.once('data', resolve))
    const loaded = process.moduleLoadList.filter(name => ${UNWANTED}.test(name))
    process.stderr.write(JSON.stringify(loaded))
    peer.destroy()
    await server.close()`
  const { stderr } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program])
  expect(stderr).toBe('[]')
})

const UNWANTED = /deps\/undici|webstreams\/readablestream|internal\/tty|crypto\/webcrypto/

const REQUEST = `GET / HTTP/1.1
Host: localhost
Upgrade: websocket
Connection: Upgrade
Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==
Sec-WebSocket-Version: 13

`.replaceAll('\n', '\r\n')
