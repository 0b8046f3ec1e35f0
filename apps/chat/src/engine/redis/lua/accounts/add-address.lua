-- KEYS: account, the addresses of the user. ARGV: address, the time, how many are kept.

if redis.call('EXISTS', KEYS[1]) == 0 then return end
redis.call('ZADD', KEYS[2], ARGV[2], ARGV[1])
redis.call('ZREMRANGEBYRANK', KEYS[2], 0, -1 - ARGV[3])
