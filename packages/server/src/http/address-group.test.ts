import { describe, expect, test } from 'vitest'
import { addressGroup } from './address-group.ts'

describe('addressGroup', () => {
  test.each([
    ['192.0.2.7', '192.0.2.7'],
    ['127.0.0.1', '127.0.0.1'],
    ['', ''],
  ])('returns the IPv4 address or the empty string "%s" unchanged', (address, prefix) => {
    expect(addressGroup(address)).toBe(prefix)
  })

  test.each([
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['::FFFF:192.0.2.7', '192.0.2.7'],
    ['::ffff:c000:207', '192.0.2.7'],
    ['0:0:0:0:0:ffff:192.0.2.7', '192.0.2.7'],
    ['0000::ffff:c000:0207%eth0', '192.0.2.7'],
  ])('unwraps the IPv4-mapped address %s', (address, prefix) => {
    expect(addressGroup(address)).toBe(prefix)
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
    expect(addressGroup(address)).toBe(prefix)
  })

  test('ignores the zone of a link-local address', () => {
    expect(addressGroup('fe80::1%eth0')).toBe('fe80:0:0:0::/64')
    expect(addressGroup('fe80::2')).toBe(addressGroup('fe80::1%3'))
  })

  test.each([
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1::/48'],
    ['2001:0db8::5', '2001:db8:0::/48'],
    ['::1', '0:0:0::/48'],
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
  ])('returns the first 48 bits of %s for the prefix 48', (address, group) => {
    expect(addressGroup(address, 48)).toBe(group)
  })

  test.each(['', 'unknown', '::1::', '192.0.2.7:80', '[::1]'])(
    'returns %j, which is not an address, unchanged',
    text => {
      expect(addressGroup(text)).toBe(text)
    },
  )
})
