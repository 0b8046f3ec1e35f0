-- KEYS: account, guests. ARGV: id, nick, its key, its look, the time, guest, password. 1 if
-- created.

local now = tonumber(ARGV[5])
if redis.call('EXISTS', KEYS[1]) == 1 or obstacle(ARGV[1], ARGV[3], ARGV[4], now) then return 0 end
redis.call('HSET', KEYS[1], 'id', ARGV[1], 'guest', ARGV[6], 'password', ARGV[7], 'created', ARGV[5])
give(ARGV[1], ARGV[2], ARGV[3], ARGV[4], now)
if ARGV[6] == '1' then redis.call('ZADD', KEYS[2], ARGV[5], ARGV[1]) end
return 1
