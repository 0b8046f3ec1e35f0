-- KEYS: session, account, sessions, sessions of the user, guests. ARGV: hash, user, expiry.

if redis.call('EXISTS', KEYS[2]) == 0 then return end
redis.call('HSET', KEYS[1], 'user', ARGV[2], 'expires', ARGV[3])
redis.call('ZADD', KEYS[3], ARGV[3], ARGV[1])
redis.call('SADD', KEYS[4], ARGV[1])
redis.call('ZREM', KEYS[5], ARGV[2])
