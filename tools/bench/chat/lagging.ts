// How many members the chat has left to the log, for they do not read: from its own metrics.

/** The sum of the metrics that nodes serve on these ports. */
export async function lagging(ports: readonly number[]): Promise<number> {
  const counts = await Promise.all(ports.map(laggingOn))
  return counts.reduce((sum, count) => sum + count, 0)
}

async function laggingOn(port: number): Promise<number> {
  const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
  return Number(/^chat_lagging (\d+)$/m.exec(metrics)?.[1])
}
