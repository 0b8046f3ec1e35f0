-- KEYS: account, look. ARGV: id, the key of a nick, its look. Writes the look of a nick that the
-- account still has.

if redis.call('HGET', KEYS[1], 'key') ~= ARGV[2] then return end
redis.call('HSET', KEYS[1], 'look', ARGV[3])
redis.call('HSETNX', KEYS[2], ARGV[2], ARGV[1])
