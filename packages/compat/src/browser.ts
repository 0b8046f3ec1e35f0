// In a browser there is nothing to be compatible with: the platform has a `WebSocket` of its own.
// Importing this module is allowed, because packages for Node and browsers do; using it is not.

class Unavailable {
  constructor() {
    throw new Error('the package ws does not work in browsers: use their own WebSocket')
  }
}

function createWebSocketStream(): never {
  return new Unavailable() as never
}

export {
  createWebSocketStream,
  // biome-ignore lint/style/noDefaultExport: as in Node.
  Unavailable as default,
  Unavailable as 'module.exports',
  Unavailable as PerMessageDeflate,
  Unavailable as Receiver,
  Unavailable as Sender,
  Unavailable as WebSocket,
  Unavailable as WebSocketServer,
}
