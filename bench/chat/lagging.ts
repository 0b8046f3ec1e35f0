// How many members the chat has left to the log, for they do not read: from its own metrics.

/** What the chat on this port says. */
export async function lagging(port: number): Promise<number> {
  const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
  return Number(/^chat_lagging (\d+)$/m.exec(metrics)?.[1])
}
