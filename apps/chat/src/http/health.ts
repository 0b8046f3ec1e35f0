// The endpoints for supervisors and load balancers: is the process alive, and is it ready for
// connections?

import { plainText, type Resource } from './resource.ts'

/** 200 as long as the process answers at all. */
export const health: Resource = () => plainText(200, 'ok\n')

/**
 * 200 if the chat accepts connections, or else 503 with `reason`, which is computed for each
 * request.
 */
export function readiness(reason: () => string | undefined): Resource {
  return () => {
    const why = reason()
    return why === undefined ? plainText(200, 'ready\n') : plainText(503, `${why}\n`, { 'Retry-After': '5' })
  }
}
