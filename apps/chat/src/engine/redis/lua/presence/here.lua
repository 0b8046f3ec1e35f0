-- KEYS: the hash. ARGV: milliseconds until nobody has spoken of the room for too long; then fields
-- and values.

for i = 2, #ARGV, 2 do redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1]) end
redis.call('PEXPIRE', KEYS[1], ARGV[1])
