// Drives the WebSocket of Node, Bun or Deno: `node drivers/web-api.js [agent]`. The address is in
// WS_CONFORMANCE_URL, which `ws-conformance client` sets for its command.

import process from 'node:process'

const url = process.env.WS_CONFORMANCE_URL ?? 'ws://127.0.0.1:9001'
const agent = encodeURIComponent(process.argv[2] ?? 'web-api')

/** The last text of a connection, once it is closed. */
function read(path) {
  return new Promise(resolve => {
    let text
    const socket = new WebSocket(url + path)
    socket.onmessage = ({ data }) => {
      text = data
    }
    socket.onclose = () => resolve(text)
  })
}

/** Echoes everything until the connection is closed. */
function echo(path) {
  return new Promise(resolve => {
    const socket = new WebSocket(url + path)
    socket.binaryType = 'arraybuffer'
    socket.onmessage = ({ data }) => socket.send(data)
    socket.onclose = () => resolve()
  })
}

const count = Number(await read('/getCaseCount'))
for (let number = 1; number <= count; number++) await echo(`/runCase?case=${number}&agent=${agent}`)
await read(`/updateReports?agent=${agent}`)
