import { describe, expect, test } from 'vitest'
import { accept, createRequest, RequestParser, ResponseParser, validateRequest } from './index.ts'

const request = {
  method: 'GET',
  url: '/',
  httpVersion: '1.1',
  rawHeaders: createRequest({ host: 'localhost' }).headers.flat(),
}

/** Calls with options that the types would refuse. */
const calls: [string, (options: never) => unknown, string, string][] = [
  ['validateRequest', options => validateRequest(request, options), 'orgin', 'origin'],
  ['validateRequest', options => validateRequest(request, options), 'requireorigin', 'requireOrigin'],
  [
    'accept',
    options => {
      const valid = validateRequest(request)
      return valid.ok && accept(valid, options)
    },
    'protocl',
    'protocol',
  ],
  [
    'createRequest',
    options => createRequest({ host: 'localhost', ...(options as object) }),
    'protocol',
    'protocols',
  ],
]

describe('an unknown option', () => {
  test.each(calls)(
    'of %s throws a TypeError with the one that was probably meant',
    (_, call, name, meant) => {
      const error = new TypeError(`unknown option "${name}" (did you mean "${meant}"?)`)
      expect(() => call({ [name]: 1 } as never)).toThrow(error)
    },
  )

  test('lists all options when none is near', () => {
    const error = 'unknown option "cors" (expected one of origin, requireOrigin, hosts, limits)'
    expect(() => validateRequest(request, { cors: true } as never)).toThrow(error)
  })

  test.each([null, 1, 'x'])('is not looked for in %s, which throws a TypeError', options => {
    expect(() => validateRequest(request, options as never)).toThrow('the options must be an object')
  })
})

test('an unknown limit of a parser throws a TypeError', () => {
  const error = new TypeError('unknown limit "maxHeadsize" (did you mean "maxHeadSize"?)')
  for (const Parser of [RequestParser, ResponseParser])
    expect(() => new Parser({ maxHeadsize: 5 } as never)).toThrow(error)
  expect(() => validateRequest(request, { limits: { maxHeadsize: 5 } as never })).toThrow(error)
})
