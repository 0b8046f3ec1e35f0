// The `WebSocket` that Node has.

import { serve } from './program.ts'

await serve(
  (url, received) =>
    new Promise(resolve => {
      const socket = new WebSocket(url)
      socket.binaryType = 'arraybuffer'
      socket.onmessage = received
      socket.onopen = () =>
        resolve({
          send: message => socket.send(message as string),
          close: () =>
            new Promise(closed => {
              socket.onclose = () => closed()
              socket.close(1000)
            }),
        })
    }),
)
