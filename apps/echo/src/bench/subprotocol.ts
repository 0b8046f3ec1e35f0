// The choice of a subprotocol.

/** The first that the client offers, none, or one by its name. */
export type SubprotocolPolicy = 'first' | 'none' | { readonly name: string }

/** The subprotocol for a client that offers these, the best first. */
export function chooseSubprotocol(policy: SubprotocolPolicy, offered: readonly string[]): string | undefined {
  if (policy === 'none') return undefined
  if (policy === 'first') return offered[0]
  return offered.find(name => name === policy.name)
}
