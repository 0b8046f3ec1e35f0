-- KEYS: account, guests, sessions of the user, sessions. ARGV: id, nick, its key, its look, the
-- time, password, prefix of a session's hash. 1 if registered.

local now = tonumber(ARGV[5])
if redis.call('HGET', KEYS[1], 'guest') ~= '1' or obstacle(ARGV[1], ARGV[3], ARGV[4], now) then return 0 end
give(ARGV[1], ARGV[2], ARGV[3], ARGV[4], now)
redis.call('HSET', KEYS[1], 'guest', '0', 'password', ARGV[6])
redis.call('ZREM', KEYS[2], ARGV[1])
for _, hash in ipairs(redis.call('SMEMBERS', KEYS[3])) do
  if redis.call('HGET', ARGV[7] .. hash, 'user') == ARGV[1] then
    redis.call('DEL', ARGV[7] .. hash)
    redis.call('ZREM', KEYS[4], hash)
  end
end
redis.call('DEL', KEYS[3])
return 1
