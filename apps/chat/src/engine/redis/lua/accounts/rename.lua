-- KEYS: account. ARGV: id, nick, its key, its look, the time. 1 if renamed.

local now = tonumber(ARGV[5])
if redis.call('EXISTS', KEYS[1]) == 0 or obstacle(ARGV[1], ARGV[3], ARGV[4], now) then return 0 end
give(ARGV[1], ARGV[2], ARGV[3], ARGV[4], now)
return 1
