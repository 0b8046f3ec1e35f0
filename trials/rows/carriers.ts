// What carries the bytes of a row: TCP or TLS, an HTTP server over either, and how a peer comes in.

import { once } from 'node:events'
import { createServer as createHttpServer, type RequestListener, type Server } from 'node:http'
import { createServer as createHttpsServer, type Server as HttpsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { createCertificate, RawPeer } from '@ws/testing'

/** Every row goes over both. */
export const CARRIERS = ['TCP', 'TLS'] as const
export type Carrier = (typeof CARRIERS)[number]

const certificate = createCertificate()

/** An HTTP server that listens on a free port of 127.0.0.1. */
export interface HttpHost {
  readonly http: Server | HttpsServer
  readonly port: number
  /** Ends all that it has; resolves when nothing is left. */
  close(): Promise<void>
}

/** Starts one. Its heads may be as long as ours may. */
export async function startHttp(carrier: Carrier, request?: RequestListener): Promise<HttpHost> {
  const options = { maxHeaderSize: 16 * 1024 }
  const http =
    carrier === 'TCP'
      ? createHttpServer(options, request)
      : createHttpsServer({ ...options, ...certificate }, request)
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
  return {
    http,
    port: (http.address() as AddressInfo).port,
    async close() {
      const closed = once(http, 'close')
      http.close()
      http.closeAllConnections()
      await closed
    },
  }
}

/** A raw peer of that port. */
export function connect(carrier: Carrier, port: number): Promise<RawPeer> {
  return carrier === 'TCP' ? RawPeer.connect(port) : RawPeer.connectTls(port, certificate.cert)
}
