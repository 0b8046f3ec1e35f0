// Two questions that whoever runs the chat asks by machine: does it answer, and should it be sent anybody?

import { plainText, type Resource } from './resource.ts'

/** 200 as long as the process answers at all. */
export const health: Resource = () => plainText(200, 'ok\n')

/** 200 where the chat takes connections, else 503 with `reason`. Asked anew each time. */
export function readiness(reason: () => string | undefined): Resource {
  return () => {
    const why = reason()
    return why === undefined ? plainText(200, 'ready\n') : plainText(503, `${why}\n`, { 'Retry-After': '5' })
  }
}
