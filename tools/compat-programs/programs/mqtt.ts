// MQTT over WebSocket: mqtt.js and the broker aedes, through `createWebSocketStream`.

import { createServer } from 'node:http'
import { Aedes } from 'aedes'
import duplexify from 'duplexify'
import mqtt, { type MqttClient } from 'mqtt'
import { createWebSocketStream, WebSocketServer } from 'ws'
import { close, Inbox, listen } from '../lib.ts'

export async function run(): Promise<unknown> {
  const broker = await Aedes.createBroker()
  const http = createServer()
  const server = new WebSocketServer({ server: http, handleProtocols: () => 'mqtt' })
  server.on('connection', (socket, request) => {
    const stream = createWebSocketStream(socket)
    stream.on('error', () => {})
    // aedes reads once for each `readable` event, which in Node 26 gives it one chunk of several.
    // The streams of duplexify give all of them, as those of Node 24 do.
    broker.handle(duplexify(stream, stream), request)
  })
  const url = `ws://127.0.0.1:${await listen(http)}`
  const subscriber = await mqtt.connectAsync(url)
  const received = new Inbox<[string, string, number, boolean]>()
  subscriber.on('message', (topic, payload, { qos, retain }) =>
    received.push([topic, payload.length > 100 ? `${payload.length}` : String(payload), qos, retain]),
  )
  await subscriber.subscribeAsync({ 'rooms/+/temperature': { qos: 2 }, 'will/#': { qos: 1 } })
  const publisher = await mqtt.connectAsync(url, {
    will: { topic: 'will/publisher', payload: Buffer.from('gone'), qos: 1, retain: false },
    reconnectPeriod: 0,
  })
  const levels: unknown[] = []
  for (const qos of [0, 1, 2] as const) {
    await publisher.publishAsync(`rooms/${qos}/temperature`, `${20 + qos} °C`, { qos })
    levels.push(await received.next())
  }
  await publisher.publishAsync('rooms/large/temperature', Buffer.alloc(300_000, 1), { qos: 1 })
  const large = await received.next()
  for (let i = 0; i < 500; i++) publisher.publish('rooms/many/temperature', String(i))
  const many = (await received.take(500)).map(([, payload]) => Number(payload))

  await publisher.publishAsync('rooms/kept/temperature', 'kept', { qos: 1, retain: true })
  const kept = await received.next()
  const late = await retained(url)
  const gone = new Promise<void>(resolve => publisher.once('close', () => resolve()))
  publisher.stream.destroy()
  await gone
  const will = await received.next()
  await Promise.all([publisher.endAsync(true), subscriber.endAsync()])
  server.close()
  await new Promise<void>(resolve => broker.close(resolve))
  await close(http)
  return { levels, large, inOrder: many.every((value, i) => value === i), kept, late, will }
}

/** What a client that subscribes later receives at once. */
async function retained(url: string): Promise<unknown> {
  const client: MqttClient = await mqtt.connectAsync(url)
  const received = new Promise(resolve =>
    client.once('message', (topic, payload, { retain }) => resolve([topic, String(payload), retain])),
  )
  await client.subscribeAsync('rooms/kept/#')
  const message = await received
  await client.endAsync()
  return message
}
