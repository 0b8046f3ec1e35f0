import { describe, expect, test } from 'vitest'
import { parseTarget } from '../target.ts'
import { type Environment, proxyFromEnvironment } from './proxy-environment.ts'

function proxyFor(url: string, environment: Environment): string | undefined {
  return proxyFromEnvironment(parseTarget(url), environment)?.origin
}

describe('proxyFromEnvironment', () => {
  test('takes HTTP_PROXY for ws:, HTTPS_PROXY for wss:, and ALL_PROXY without it', () => {
    const environment = { HTTP_PROXY: 'http://a', HTTPS_PROXY: 'http://b' }
    expect(proxyFor('ws://x', environment)).toBe('http://a')
    expect(proxyFor('wss://x', environment)).toBe('http://b')
    expect(proxyFor('wss://x', { HTTP_PROXY: 'http://a', ALL_PROXY: 'socks5h://c:9' })).toBe('socks5h://c:9')
    expect(proxyFor('ws://x', { all_proxy: 'https://c' })).toBe('https://c')
    expect(proxyFor('ws://x', {})).toBe(undefined)
  })

  test('prefers lower case, and ignores empty values', () => {
    expect(proxyFor('wss://x', { https_proxy: 'http://a', HTTPS_PROXY: 'http://b' })).toBe('http://a')
    expect(proxyFor('wss://x', { https_proxy: '', HTTPS_PROXY: 'http://b' })).toBe('http://b')
  })

  test('takes a host without a scheme for an HTTP proxy', () => {
    expect(proxyFor('wss://x', { HTTPS_PROXY: 'ann:secret@proxy:3128' })).toBe('http://proxy:3128')
  })

  test('ignores the upper-case HTTP_PROXY in a CGI program', () => {
    expect(proxyFor('ws://x', { HTTP_PROXY: 'http://a', REQUEST_METHOD: 'GET' })).toBe(undefined)
    expect(proxyFor('ws://x', { http_proxy: 'http://a', REQUEST_METHOD: 'GET' })).toBe('http://a')
    expect(proxyFor('wss://x', { HTTPS_PROXY: 'http://a', REQUEST_METHOD: 'GET' })).toBe('http://a')
  })

  const excluded: [string, string, boolean][] = [
    ['*', 'ws://x', true],
    ['example.com', 'ws://example.com', true],
    ['example.com', 'ws://www.EXAMPLE.com', true],
    ['.example.com', 'ws://www.example.com', true],
    ['*.example.com', 'ws://www.example.com', true],
    ['.example.com', 'ws://example.com', true],
    ['example.com', 'ws://notexample.com', false],
    ['example.com:8080', 'ws://example.com:8080', true],
    ['example.com:8080', 'ws://example.com', false],
    ['example.com:80', 'ws://example.com', true],
    ['example.com:443', 'wss://example.com', true],
    ['a.test, b.test c.test', 'ws://c.test', true],
    ['127.0.0.1', 'ws://127.0.0.1:8080', true],
    ['127.0.0.1:80', 'ws://127.0.0.1:8080', false],
    ['10.0.0.0/8', 'ws://10.1.2.3', true],
    ['10.0.0.0/8', 'ws://11.1.2.3', false],
    ['10.0.0.0/8', 'ws://name', false],
    ['10.0.0.0/99', 'ws://10.1.2.3', false],
    ['::1', 'ws://[::1]', true],
    ['0:0:0:0:0:0:0:1', 'ws://[::1]', true],
    ['[0::1]:80', 'ws://[::1]', true],
    ['[::1]:80', 'ws://[::1]', true],
    ['[::1]:81', 'ws://[::1]', false],
    ['fc00::/7', 'ws://[fd00::1]', true],
    ['', 'ws://x', false],
    [',', 'ws://x', false],
  ]

  test.each(excluded)('NO_PROXY=%s for %s: excluded %j', (list, url, isExcluded) => {
    const environment = { HTTP_PROXY: 'http://p', HTTPS_PROXY: 'http://p' }
    expect(proxyFor(url, { ...environment, NO_PROXY: list }) === undefined).toBe(isExcluded)
    expect(proxyFor(url, { ...environment, no_proxy: list, NO_PROXY: '*' }) === undefined).toBe(
      isExcluded || list === '',
    )
  })
})
