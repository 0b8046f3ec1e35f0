-- KEYS: session, sessions. ARGV: hash, expiry. 1 if there is such a session.

local expires = redis.call('HGET', KEYS[1], 'expires')
if not expires then return 0 end
if tonumber(ARGV[2]) > tonumber(expires) then
  redis.call('HSET', KEYS[1], 'expires', ARGV[2])
  redis.call('ZADD', KEYS[2], ARGV[2], ARGV[1])
end
return 1
