// Drives the client of the npm package ws: `node drivers/npm-ws.js`.

import process from 'node:process'
import WebSocket from 'ws'

const url = process.env.WS_CONFORMANCE_URL ?? 'ws://127.0.0.1:9001'
const limits = { maxPayload: 64 * 2 ** 20, maxFragments: 2 ** 17 }

/** Calls back with each message. Resolves when the connection is closed. */
function talk(path, onMessage) {
  return new Promise(resolve => {
    const socket = new WebSocket(url + path, limits)
    socket.on('error', () => undefined)
    socket.on('message', (data, isBinary) => onMessage(data, isBinary, socket))
    socket.on('close', resolve)
  })
}

let count = 0
await talk('/getCaseCount', data => {
  count = Number(data)
})
for (let number = 1; number <= count; number++) {
  await talk(`/runCase?case=${number}&agent=ws`, (data, isBinary, socket) => {
    socket.send(data, { binary: isBinary })
  })
}
await talk('/updateReports?agent=ws', () => undefined)
