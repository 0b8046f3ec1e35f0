import { describe, expect, test } from 'vitest'
import { addressPrefix } from './address-prefix.ts'

describe('addressPrefix', () => {
  test.each([
    ['192.0.2.7', '192.0.2.7'],
    ['127.0.0.1', '127.0.0.1'],
    ['', ''],
  ])('returns the IPv4 address or the empty string "%s" unchanged', (address, prefix) => {
    expect(addressPrefix(address)).toBe(prefix)
  })

  test.each([
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['::FFFF:192.0.2.7', '192.0.2.7'],
  ])('unwraps the IPv4-mapped address %s', (address, prefix) => {
    expect(addressPrefix(address)).toBe(prefix)
  })

  test.each([
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:0DB8:0001:0002:ffff:ffff:ffff:ffff', '2001:db8:1:2::/64'],
    ['2001:db8:1:2::', '2001:db8:1:2::/64'],
    ['2001:db8:1:2::5', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['2001:db8::4:5:6:7:8', '2001:db8:0:4::/64'],
    ['2001::2:3:4:5:6:7', '2001:0:2:3::/64'],
    ['1:2:3::8', '1:2:3:0::/64'],
    ['::', '0:0:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['::2:3:4:5:6:7:8', '0:2:3:4::/64'],
    ['1:2:3:4:5:6:7::', '1:2:3:4::/64'],
    ['64:ff9b::192.0.2.33', '64:ff9b:0:0::/64'],
    ['::5:6:7:8:192.0.2.33', '0:0:5:6::/64'],
    ['1:2:3:4:5:6:192.0.2.33', '1:2:3:4::/64'],
  ])('returns the first 64 bits of %s in normalized form', (address, prefix) => {
    expect(addressPrefix(address)).toBe(prefix)
  })

  test('ignores the zone of a link-local address', () => {
    expect(addressPrefix('fe80::1%eth0')).toBe('fe80:0:0:0::/64')
    expect(addressPrefix('fe80::2')).toBe(addressPrefix('fe80::1%3'))
  })
})
